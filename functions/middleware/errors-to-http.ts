import { STATUS_CODES } from 'node:http';
import {
  MethodNotAllowed,
  NodelessError,
  NotAuthenticated,
  TooManyRequests,
  Unavailable,
} from '../../shared/errors.ts';
import type { ApiResponse } from '../http.ts';

/** Where a request was refused: Ironic's bodies differ by that (operator-api.md §3.1), and clients parse both. */
export type Origin = 'auth' | 'router' | 'body' | 'handler';

/** The only place where an error becomes HTTP. Everything that is not ours is a bare 500: its text stays in here. */
export function errorToHttp(error: unknown, origin: Origin, requestId: string): ApiResponse {
  if (!(error instanceof NodelessError)) {
    return { status: 500, body: wrapped(fault(500, `Internal error, see the log of request ${requestId}`)) };
  }
  const { status, message } = error;
  const headers = headersOf(error);
  const body = bodyOf(error, origin);
  return { status, body: body ?? wrapped(fault(status, message)), ...(headers === undefined ? {} : { headers }) };
}

function bodyOf({ status, message }: NodelessError, origin: Origin): unknown {
  if (origin === 'auth') return { error: { message, code: status } };
  if (origin === 'body') return { faultcode: 'Client', faultstring: message };
  if (origin === 'router') return wrapped({ code: status, title: STATUS_CODES[status] ?? '', description: message });
  return status === 413 ? { faultcode: 'Client', faultstring: message } : undefined;
}

function headersOf(error: NodelessError): Record<string, string> | undefined {
  if (error instanceof Unavailable || error instanceof TooManyRequests)
    return { 'Retry-After': String(error.retryAfterSeconds) };
  if (error instanceof MethodNotAllowed) return { Allow: error.allow.join(', ') };
  if (error instanceof NotAuthenticated) return { 'WWW-Authenticate': 'Basic realm="Baremetal API"' };
  return undefined;
}

function fault(status: number, message: string): object {
  return { faultcode: status < 500 ? 'Client' : 'Server', faultstring: message, debuginfo: null };
}

/** The inner document is a string (T6): clients unwrap it. */
function wrapped(inner: object): object {
  return { error_message: JSON.stringify(inner) };
}
