import { InvalidInput, PayloadTooLarge, Unavailable } from '../../errors.ts';

/** A raw item as errors carry it: the SDK does not translate those, whichever client was used. */
export type RawItem = Record<string, { S?: string; N?: string; BOOL?: boolean; SS?: string[] }>;
export interface Reason {
  Code?: string;
  Message?: string;
  Item?: RawItem;
}

interface SdkError extends Error {
  code?: string;
  Item?: RawItem;
  CancellationReasons?: Reason[];
  $metadata?: { httpStatusCode?: number };
}

const asSdkError = (error: unknown): SdkError | undefined => (error instanceof Error ? error : undefined);

/** The item that made a single write fail its condition; null when there was none; undefined when it is another error. */
export function refusedBy(error: unknown): RawItem | null | undefined {
  const sdk = asSdkError(error);
  return sdk?.name === 'ConditionalCheckFailedException' ? (sdk.Item ?? null) : undefined;
}

/** Why a transaction was cancelled, one reason a write; undefined when it is another error. */
export function cancelledBy(error: unknown): Reason[] | undefined {
  const sdk = asSdkError(error);
  return sdk?.name === 'TransactionCanceledException' ? (sdk.CancellationReasons ?? []) : undefined;
}

export const isConflict = (error: unknown): boolean => asSdkError(error)?.name === 'TransactionConflictException';

const LOST_NAMES = new Set(['TimeoutError', 'AbortError', 'InternalServerError', 'TransactionInProgressException']);

/** The write may or may not have been applied: no reply, or one that says nothing. */
export function isLost(error: unknown): boolean {
  const sdk = asSdkError(error);
  if (!sdk) return false;
  return LOST_NAMES.has(sdk.name) || /^E[A-Z]{3,}$/.test(sdk.code ?? '') || (sdk.$metadata?.httpStatusCode ?? 0) >= 500;
}

/** The SDK's own refusals, then the store's. */
const TOO_LARGE_A_NUMBER =
  /^Number \S+ is (greater|lesser) than Number\.|^Special numeric value|number (over|under)flow|magnitude (larger|smaller)/i;

/** What a failed call means to the product. What is our own mistake passes through as it is. */
export function storeError(error: unknown): unknown {
  const sdk = asSdkError(error);
  if (!sdk) return error;
  if (TOO_LARGE_A_NUMBER.test(sdk.message)) {
    return new InvalidInput('A number is too large or too small to be kept: write it as a text', { cause: error });
  }
  if (sdk.name === 'ValidationException') {
    if (/size has exceeded|maximum allowed size/i.test(sdk.message)) {
      return new PayloadTooLarge('This is more than one item of the store can hold', { cause: error });
    }
    if (/nesting/i.test(sdk.message)) return new InvalidInput('This is nested too deeply', { cause: error });
    return error;
  }
  const fromStore = sdk.$metadata !== undefined || isLost(error);
  return fromStore ? new Unavailable('The store could not answer', 5, { cause: error }) : error;
}

/** Runs a call whose conditions the caller does not care about. */
export async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw storeError(error);
  }
}
