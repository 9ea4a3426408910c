import type { Clock } from '../../clock.ts';
import { type HookCall, type HookReply, hookRequest, refusal } from '../../hook/hook-port.ts';
import { SIGNATURE_HEADER, sign } from '../../hook/signature.ts';
import type { JsonValue } from '../../json.ts';
import { type HttpAnswer, oneExchange } from '../http/one-exchange.ts';

const MAX_REPLY_BYTES = 256 * 1024;
type Failure = Extract<HookReply, { kind: 'failed' }>;
const failed = (because: Failure['because'], message: string): Failure => ({ kind: 'failed', because, message });

/**
 * One signed POST of JSON, a reply of at most 256 KB. The secret is read for each call, so that a new one needs no
 * restart.
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
    const answer = await oneExchange(new URL(given.url), {
      method: 'POST',
      headers: {
        'idempotency-key': call.idempotencyKey,
        'user-agent': 'nodeless',
        [SIGNATURE_HEADER]: sign(secret, seconds, body),
      },
      body,
      timeoutSeconds: call.timeoutSeconds,
      mostBytes: MAX_REPLY_BYTES,
    });
    switch (answer.kind) {
      case 'answered':
        return read(answer);
      case 'too-large':
        return failed('too-large', `its answer is larger than ${MAX_REPLY_BYTES / 1024} KB`);
      case 'time-out':
        return failed('time-out', 'no answer in time');
      case 'broken':
        return failed('unreachable', `it was not reached (${answer.code})`);
    }
  };
}

function read({ status, headers, text }: Extract<HttpAnswer, { kind: 'answered' }>): HookReply {
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
