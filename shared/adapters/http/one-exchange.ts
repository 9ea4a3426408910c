import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connectPinned } from './pinned-connection.ts';

export interface HttpQuestion {
  method: string;
  headers: Readonly<Record<string, string>>;
  /** JSON. */
  body?: string | undefined;
  timeoutSeconds: number;
  /** Of what is left by `through`. */
  mostBytes: number;
  /** What is kept of the answer while it arrives. */
  through?: ((chunk: Buffer) => Buffer) | undefined;
  /** How a name becomes an address, and who is trusted over TLS. */
  connection?: Pick<RequestOptions, 'lookup' | 'ca' | 'rejectUnauthorized' | 'minVersion'>;
  /** PEM of the one certificate that may answer over TLS, whatever its dates and names. */
  pinned?: string | undefined;
}
export type HttpAnswer =
  | { kind: 'answered'; status: number; headers: IncomingHttpHeaders; text: string }
  | { kind: 'too-large' }
  | { kind: 'time-out' }
  /** A code and no more: texts of Node repeat what was asked, and a URL may hold a token. */
  | { kind: 'broken'; code: string };

/** One HTTP exchange: no redirect followed, no retry, a hard time-out over everything, a bounded answer. */
export function oneExchange(url: URL, question: HttpQuestion): Promise<HttpAnswer> {
  const { method, body, mostBytes, connection, timeoutSeconds, through } = question;
  const content = body !== undefined && {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve(failureOf(error));
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      ...connection,
      method,
      headers: { accept: 'application/json', ...question.headers, ...content },
      ...connectionOf(url, question),
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    outgoing.on('error', broken);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', broken);
      response.on('data', (arrived: Buffer) => {
        const chunk = through ? through(arrived) : arrived;
        size += chunk.length;
        chunks.push(chunk);
        if (size <= mostBytes) return;
        resolve({ kind: 'too-large' });
        outgoing.destroy();
      });
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ kind: 'answered', status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    outgoing.end(body);
  });
}

function connectionOf(url: URL, { pinned, timeoutSeconds }: HttpQuestion): RequestOptions {
  if (pinned === undefined || url.protocol !== 'https:') return { agent: false };
  return {
    createConnection: (_, connected) => {
      connectPinned(pinned, url, timeoutSeconds).then(
        (socket) => connected(null, socket),
        (error) => connected(error, undefined as never),
      );
      return undefined;
    },
  };
}

function failureOf({ name, code }: Error & { code?: string }): HttpAnswer {
  if (name === 'AbortError' || name === 'TimeoutError') return { kind: 'time-out' };
  return { kind: 'broken', code: code ?? name };
}
