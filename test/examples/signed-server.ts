import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isSigned, SIGNATURE_HEADER } from '../../shared/hook/signature.ts';
import type { JsonObject, JsonValue } from '../../shared/json.ts';

/** What Nodeless asks, after its signature was checked. */
export interface Asked {
  hook: string;
  purpose: string;
  idempotency_key: string;
  request: JsonObject;
}
export type Answered = { status?: number; body: JsonValue };

export interface SignedServer {
  url: string;
  /** Every call whose signature was right and that was not a repetition. */
  asked: Asked[];
  close(): Promise<void>;
}

const MAX_BYTES = 1024 * 1024;

/**
 * All that a hook needs around its own code: the signature is checked over the bytes as they came, before anything is
 * parsed, and a question that comes again gets the answer that it got.
 */
export async function signedServer(
  secret: string,
  answer: (asked: Asked) => Promise<Answered>,
  now: () => number = Date.now,
): Promise<SignedServer> {
  const asked: Asked[] = [];
  const answers = new Map<string, Promise<Answered>>();

  async function respond(body: string, signature: string | undefined): Promise<Answered> {
    if (!isSigned(secret, signature, body, Math.floor(now() / 1000))) {
      return { status: 401, body: { message: 'the signature is missing, wrong or old' } };
    }
    const question = JSON.parse(body) as Asked;
    const known = answers.get(question.idempotency_key);
    if (known) return known;
    asked.push(question);
    const given = answer(question);
    answers.set(question.idempotency_key, given);
    // What failed may be tried again.
    const forget = () => answers.delete(question.idempotency_key);
    given.then(({ status = 200 }) => status >= 500 && forget(), forget);
    return given;
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const header = request.headers[SIGNATURE_HEADER];
      respond(Buffer.concat(chunks).toString('utf8'), typeof header === 'string' ? header : undefined)
        .catch((): Answered => ({ status: 500, body: { message: 'the hook failed' } }))
        .then(({ status = 200, body }) => {
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
        });
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
