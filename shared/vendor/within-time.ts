import { NodelessError, Unavailable } from '../errors.ts';
import { VendorMethodFailed } from './vendor-method-failed.ts';

/** Below the gateway's 29 s, so that the caller hears from us and not from it. */
export const METHOD_LIMIT_MS = 20_000;

/** A method that hangs or throws, at once or later, ends here and takes nothing else down. */
export async function withinTime<T>(
  method: string,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeIsUp = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable(`Vendor method ${method} did not end within ${limitMs / 1000} seconds.`));
      stop.abort();
    }, limitMs);
  });
  try {
    return await Promise.race([Promise.resolve(stop.signal).then(work), timeIsUp]);
  } catch (error) {
    if (error instanceof NodelessError) throw error;
    throw new VendorMethodFailed(method, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
