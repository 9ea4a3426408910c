import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RawRequest, RawResponse } from '../../functions/http.ts';
import type { Log } from '../../shared/log.ts';
import { type RequestContext, rawRequest } from './raw-request.ts';
import { readBody } from './read-body.ts';

export interface ListenOptions {
  host: string;
  /** 0 = any free one. */
  port: number;
  serve(raw: RawRequest): Promise<RawResponse>;
  publicUrl?: string | undefined;
  trustProxy?: boolean;
  /** Default 6 MiB, which is what a Lambda function can be given. */
  bodyLimitBytes?: number;
  /** Which Host headers are answered; default: all. */
  isOurs?: ((host: string | undefined) => boolean) | undefined;
  log: Pick<Log, 'error'>;
}
export interface Listening {
  url: string;
  port: number;
  close(): Promise<void>;
}

const BODY_LIMIT = 6 * 1024 * 1024;
/** How long an answer may take to be written once we close. */
const GRACE_MS = 2000;
/** How long a client may go on sending what we refused, to be able to read why. */
const LINGER_MS = 2000;

export async function listen(options: ListenOptions): Promise<Listening> {
  // Longer than clients keep a connection in their pools, so that it is they who close it.
  const server = createServer({ keepAliveTimeout: 65_000 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`;
  const context = { publicUrl: options.publicUrl, trustProxy: options.trustProxy ?? false, listeningUrl: url };
  server.on('request', (request, response) => void answer(server, request, response, options, context));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  return { url, port, close: () => close(server) };
}

async function answer(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions,
  context: RequestContext,
): Promise<void> {
  // A client that hangs up is no event of ours; without a listener its error would end the process.
  response.on('error', () => undefined);
  response.on('close', () => setImmediate(() => server.listening || server.closeIdleConnections()));
  try {
    if (options.isOurs?.(request.headers.host) === false) {
      const text =
        'Without authentication this API answers to localhost only: set NODELESS_PUBLIC_URL or NODELESS_AUTH';
      request.resume();
      return write(response, fault(403, text));
    }
    const body = await readBody(request, options.bodyLimitBytes ?? BODY_LIMIT);
    if (body === 'too-large') return refuse(request, response);
    write(response, await options.serve(rawRequest(request, body, context)));
  } catch (error) {
    if (request.destroyed && !request.complete) return;
    options.log.error('request failed', { error: error instanceof Error ? error.name : 'unknown' });
    write(response, fault(500, 'Internal error'));
  }
}

function write(response: ServerResponse, { status, headers, body, bytes }: RawResponse): void {
  if (response.headersSent || response.destroyed) return;
  // A length of 0 would be a lie in an answer to HEAD, and is not allowed in a 204.
  const silent = status === 204 || status === 304 || response.req.method === 'HEAD';
  const length = silent ? {} : { 'content-length': String(bytes?.length ?? Buffer.byteLength(body)) };
  response.writeHead(status, { ...headers, ...length }).end(bytes ?? body);
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('connection', 'close');
  write(response, fault(413, 'The request body is too large'));
  // What still comes is thrown away; closing at once would reset the connection before the answer is read.
  request.resume();
  setTimeout(() => request.destroy(), LINGER_MS).unref();
}

/** The error body of both APIs, for what never reaches them. */
function fault(status: number, message: string): RawResponse {
  const faultcode = status < 500 ? 'Client' : 'Server';
  const body = JSON.stringify({ error_message: JSON.stringify({ faultcode, faultstring: message, debuginfo: null }) });
  return { status, headers: { 'content-type': 'application/json' }, body };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(impatience);
}
