import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type HookCall, type HookReply, hookRequest, refusal } from '../../hook/hook-port.ts';
import type { JsonValue } from '../../json.ts';

const MAX_REPLY_BYTES = 256 * 1024;

/**
 * One synchronous invocation. The function's event is what a webhook's body is; IAM says who calls, so nothing is signed.
 * It refuses with `{"error": {"status": 409, "message": "…"}}`. The client must not retry: that would be a second call.
 */
export function functionHook(client: Pick<LambdaClient, 'send'>, functionArn: string) {
  return async (call: HookCall): Promise<HookReply> => {
    const Payload = new TextEncoder().encode(JSON.stringify(hookRequest(call)));
    const command = new InvokeCommand({ FunctionName: functionArn, InvocationType: 'RequestResponse', Payload });
    try {
      const abortSignal = AbortSignal.timeout(call.timeoutSeconds * 1000);
      const answer = await client.send(command, { abortSignal });
      // Its text may repeat what it was given.
      if (answer.FunctionError !== undefined) return broken('unreachable', 'its function failed; see its own log');
      return read(answer.Payload ?? new Uint8Array());
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      if (name === 'AbortError' || name === 'TimeoutError') return broken('time-out', 'no answer in time');
      return broken('unreachable', `its function was not invoked (${name})`);
    }
  };
}

function read(payload: Uint8Array): HookReply {
  if (payload.length > MAX_REPLY_BYTES) return broken('too-large', 'its answer is larger than 256 KB');
  let body: JsonValue;
  try {
    body = payload.length === 0 ? null : JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return broken('not-json', 'its answer is not JSON');
  }
  const error = typeof body === 'object' && body !== null && !Array.isArray(body) ? body.error : undefined;
  if (typeof error === 'object' && error !== null && !Array.isArray(error)) {
    const status = Number(error.status);
    return refusal(Number.isInteger(status) && status >= 400 && status < 600 ? status : 400, error);
  }
  return { kind: 'answered', body };
}

const broken = (because: Extract<HookReply, { kind: 'failed' }>['because'], message: string): HookReply => ({
  kind: 'failed',
  because,
  message,
});
