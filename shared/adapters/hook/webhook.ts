import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../clock.ts';
import { type HookCall, type HookReply, hookRequest, refusal } from '../../hook/hook-port.ts';
import { SIGNATURE_HEADER, sign } from '../../hook/signature.ts';
import type { JsonValue } from '../../json.ts';

const MAX_REPLY_BYTES = 256 * 1024;
type Failure = Extract<HookReply, { kind: 'failed' }>;
const failed = (because: Failure['because'], message: string): Failure => ({ kind: 'failed', because, message });

/**
 * One signed POST of JSON: no redirects, no retry, a hard time-out over everything, a reply of at most 256 KB. The secret
 * is read for each call, so that a new one needs no restart.
 */
export function webhook(given: { url: string; secret(): Promise<string>; clock: Clock }) {
  return async (call: HookCall): Promise<HookReply> => {
    const body = JSON.stringify(hookRequest(call));
    let secret: string;
    try {
      secret = await given.secret();
    } catch {
      return failed('unreachable', `the secret of hook ${call.hook} could not be read`);
    }
    const seconds = Math.floor(given.clock.now() / 1000);
    return send(new URL(given.url), call, body, sign(secret, seconds, body));
  };
}

function send(url: URL, call: HookCall, body: string, signature: string): Promise<HookReply> {
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve(failureOf(error));
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'idempotency-key': call.idempotencyKey,
        'user-agent': 'nodeless',
        [SIGNATURE_HEADER]: signature,
      },
      agent: false,
      signal: AbortSignal.timeout(call.timeoutSeconds * 1000),
    });
    outgoing.on('error', broken);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', broken);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= MAX_REPLY_BYTES) return;
        resolve(failed('too-large', `its answer is larger than ${MAX_REPLY_BYTES / 1024} KB`));
        outgoing.destroy();
      });
      response.on('end', () => resolve(read(response, Buffer.concat(chunks).toString('utf8'))));
    });
    outgoing.end(body);
  });
}

function read({ statusCode: status = 0, headers }: IncomingMessage, text: string): HookReply {
  if (status >= 300 && status < 400) return failed('unreachable', `it redirects (${status}), which is not followed`);
  const json = /^application\/([\w.-]+\+)?json\b/i.test(headers['content-type'] ?? '');
  let body: JsonValue = null;
  try {
    body = text.trim() === '' ? null : JSON.parse(text);
  } catch {
    if (status < 400) return failed('not-json', 'its answer is not JSON');
  }
  if (status >= 400) return refusal(status, body);
  if (status < 200) return failed('unreachable', `it answers with status ${status}`);
  // An empty answer says nothing, and needs no type.
  if (!json && text.trim() !== '') return failed('not-json', 'its answer does not say that it is JSON');
  return { kind: 'answered', body };
}

/** A code and no more: texts of Node repeat what was asked. */
function failureOf(error: Error & { code?: string }): Failure {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return failed('time-out', 'no answer in time');
  return failed('unreachable', `it was not reached (${error.code ?? error.name})`);
}
