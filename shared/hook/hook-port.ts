import type { JsonObject, JsonValue } from '../json.ts';
import type { HookMethod } from './hook-method.ts';

/**
 * Where an operator's own code is: declared once, by name, in the configuration's `hooks`; matching, enrolment policies
 * and `driver_info.hook` name it. `secret` is a reference (`env:NAME`, `file:PATH` or the ARN of a secret), never a value.
 */
export type HookTarget = (Webhook | { function: string }) & {
  /** Vendor methods that it offers for the nodes that name it. */
  methods?: Readonly<Record<string, HookMethod>>;
};

export interface Webhook {
  url: string;
  secret: string;
  /** Without TLS beyond this machine: whoever listens reads evidence and rights. */
  plainHttp?: boolean;
}

/** What a hook may be asked. Each has a schema for request and reply, in `shared/hook/`. */
export type HookPurpose = 'match' | 'enroll' | 'power' | 'management' | 'vendor';

export interface HookCall {
  /** Name in the configuration. */
  hook: string;
  purpose: HookPurpose;
  /** The same for every repetition of one question: what was done once must not be done again. */
  idempotencyKey: string;
  body: JsonObject;
  timeoutSeconds: number;
}

export type HookReply =
  | { kind: 'answered'; body: JsonValue }
  /** It answered, with a refusal. */
  | { kind: 'refused'; status: number; message: string }
  /** No usable answer. After a time-out it may have done what was asked. */
  | {
      kind: 'failed';
      /** `not-asked`: strangers have asked too often. No reason to let anybody in, whatever the fallback says. */
      because: 'time-out' | 'unreachable' | 'not-json' | 'too-large' | 'unknown-hook' | 'not-asked';
      message: string;
    };

/** The operator's code, one call each. Never throws for what the other side does; never retries. */
export interface Hooks {
  call(call: HookCall): Promise<HookReply>;
}

/** What is sent, to a webhook as to a function. */
export function hookRequest({ hook, purpose, idempotencyKey, body }: HookCall): JsonObject {
  return { hook, purpose, idempotency_key: idempotencyKey, request: body };
}

/** A refusal in the words of the other side, short and in one line: it goes into errors, histories and logs. */
export function refusal(status: number, body: JsonValue): HookReply {
  const given = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body.message ?? body.error) : null;
  const said =
    typeof given === 'string'
      ? given
          .replaceAll(/\p{C}+/gu, ' ')
          .trim()
          .slice(0, 300)
      : '';
  return { kind: 'refused', status, message: said === '' ? `it refuses (${status})` : said };
}
