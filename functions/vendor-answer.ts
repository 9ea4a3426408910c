import type { Called } from '../shared/vendor/call-vendor-method.ts';
import type { ApiRequest, ApiResponse } from './http.ts';

const KEY = /^[\x21-\x7e]{1,128}$/;

/** What a caller says to mark a repetition; anything odd counts as nothing said. */
export function repeatedBy({ headers }: ApiRequest): string | undefined {
  const key = headers['idempotency-key'];
  return key !== undefined && KEY.test(key) ? key : undefined;
}

/** JSON, or, where the method says so, its text as it is. */
export function answerOf({ value, attach }: Extract<Called, { kind: 'value' }>): ApiResponse {
  if (!attach) return { status: 200, body: value };
  return { status: 200, text: typeof value === 'string' ? value : JSON.stringify(value) };
}
