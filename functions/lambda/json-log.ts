import type { Log, LogFields } from '../../shared/log.ts';

/** One JSON line an event. `timestamp` and `level` are the names that Lambda's own log filter reads. */
export const jsonLog: Log = {
  info: (message, fields) => line('INFO', message, fields),
  warn: (message, fields) => line('WARN', message, fields),
  error: (message, fields) => line('ERROR', message, fields),
};

function line(level: string, message: string, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...fields })}\n`);
}
