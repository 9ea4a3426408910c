import type { LogFields } from '../../shared/log.ts';
import { jsonLog } from './json-log.ts';

/** What no request asks for ends with one line all the same: the measures of its work go with it, and not with the next. */
export function closed<Input, Result>(
  message: string,
  work: (input: Input) => Promise<Result>,
  fieldsOf: (input: Input, result: Result) => LogFields = () => ({}),
): (input: Input) => Promise<Result> {
  return async (input) => {
    const started = performance.now();
    const milliseconds = () => Math.round(performance.now() - started);
    try {
      const result = await work(input);
      jsonLog.info(message, { ...fieldsOf(input, result), milliseconds: milliseconds() });
      return result;
    } catch (error) {
      jsonLog.error(message, {
        error: error instanceof Error ? error.name : typeof error,
        milliseconds: milliseconds(),
      });
      throw error;
    }
  };
}
