import type { JsonObject, JsonValue } from '../node/node.ts';

/**
 * Where an operator's own code is: declared once, by name, in the configuration's `hooks`; matching, enrolment policies
 * and `driver_info.hook` name it. `secret` is a reference (`env:NAME`, `file:PATH` or the ARN of a secret), never a value.
 */
export type HookTarget = { url: string; secret: string } | { function: string };

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
      because: 'time-out' | 'unreachable' | 'not-json' | 'too-large' | 'unknown-hook';
      message: string;
    };

/** The operator's code, one call each. Never throws for what the other side does; never retries. */
export interface Hooks {
  call(call: HookCall): Promise<HookReply>;
}
