import type { IncomingMessage } from 'node:http';
import type { RawRequest } from '../../functions/http.ts';
import { withoutPrefix } from '../../functions/middleware/path-prefix.ts';

export interface RequestContext {
  /** What links show; without it, what the caller called us. */
  publicUrl?: string | undefined;
  /** A reverse proxy in front sets X-Forwarded-*; anybody else could set them, too. */
  trustProxy: boolean;
  /** When there is not even a usable Host header. */
  listeningUrl: string;
}

const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/;
const PREFIX = /^(\/[A-Za-z0-9._~-]+)+\/?$/;

/** What the gateway's event says on AWS. The path stays as it came, percent-encoding included. */
export function rawRequest(
  request: IncomingMessage,
  body: Uint8Array | undefined,
  context: RequestContext,
): RawRequest {
  const headers = flatHeaders(request);
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const question = target.indexOf('?');
  const publicUrl = context.publicUrl ?? calledUrl(headers, context);
  return {
    method: request.method ?? 'GET',
    path: withoutPrefix((question === -1 ? target : target.slice(0, question)) || '/', publicUrl),
    rawQuery: question === -1 ? '' : target.slice(question + 1),
    headers,
    body,
    publicUrl,
    sourceIp: sourceIp(request, headers, context),
  };
}

function flatHeaders(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers);
  return Object.fromEntries(
    entries.flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function calledUrl(headers: Record<string, string>, context: RequestContext): string {
  const forwarded = (name: string) => (context.trustProxy ? lastOf(headers[name]) : undefined);
  const host = forwarded('x-forwarded-host') ?? headers.host;
  if (host === undefined || !HOST.test(host)) return context.listeningUrl;
  const scheme = forwarded('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const prefix = forwarded('x-forwarded-prefix') ?? '';
  return `${scheme}://${host}${PREFIX.test(prefix) ? prefix.replace(/\/$/, '') : ''}`;
}

function sourceIp(request: IncomingMessage, headers: Record<string, string>, context: RequestContext): string {
  const forwarded = context.trustProxy ? lastOf(headers['x-forwarded-for']) : undefined;
  return (forwarded ?? request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

/** The last value is our proxy's own; earlier ones were sent to it. */
function lastOf(value: string | undefined): string | undefined {
  return value?.split(',').at(-1)?.trim() || undefined;
}
