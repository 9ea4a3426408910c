import type { Log, LogFields } from '../../shared/log.ts';
import { embedded } from './emf.ts';

/** One JSON line an event, with the measures that wait. `timestamp` and `level` are the names of Lambda's own filter. */
export const jsonLog: Log = {
  info: (message, fields) => line('INFO', message, fields),
  warn: (message, fields) => line('WARN', message, fields),
  error: (message, fields) => line('ERROR', message, fields),
};

function line(level: string, message: string, fields: LogFields = {}): void {
  const now = new Date();
  const [measures, ...more] = embedded(now.getTime());
  for (const one of [{ timestamp: now.toISOString(), level, message, ...fields, ...measures }, ...more]) {
    process.stdout.write(`${JSON.stringify(one)}\n`);
  }
}
