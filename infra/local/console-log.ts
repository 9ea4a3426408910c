import type { Log, LogFields } from '../../shared/log.ts';

/** One JSON line an event, on stderr: stdout is for people and programs that started us. */
export const consoleLog: Log = {
  info: (message, fields) => line('info', message, fields),
  warn: (message, fields) => line('warn', message, fields),
  error: (message, fields) => line('error', message, fields),
};

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function line(level: string, message: string, fields: LogFields = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}
