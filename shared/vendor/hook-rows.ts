import { Conflict, InvalidInput, type NodelessError, Unavailable } from '../errors.ts';
import { vendorReply } from '../hook/driver-hook.ts';
import { argumentSchema } from '../hook/hook-method.ts';
import { hookNode } from '../hook/hook-node.ts';
import type { HookReply, HookTarget } from '../hook/hook-port.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { type VendorMethod, vendorMethod } from './vendor-method.ts';

/** Below the limit of a sync method, so that the caller hears what was wrong with the hook. */
const SYNC_SECONDS = 18;
const ASYNC_SECONDS = 200;

/** What a hook offers, as rows: for the nodes that name it. */
export function hookRows(hook: string, { methods = {} }: HookTarget): VendorMethod[] {
  return Object.entries(methods).map(([name, method]) => {
    const { audience = 'operator', verbs = ['POST'], async = false, attach = false, description, perMinute } = method;
    return vendorMethod({
      name,
      vendor: 'hook',
      hook,
      audience,
      subject: 'node',
      verbs,
      async,
      attach,
      description,
      // The machine itself may call while its run goes on.
      requireExclusiveLock: audience === 'operator',
      ...(perMinute !== undefined && { perMinute }),
      arguments: argumentSchema(method),
      run: async ({ subject: { node }, httpMethod, hooks, key }, given) => {
        if (!hooks) throw new Unavailable('Hooks are not called from here.');
        const body: JsonObject = {
          method: name,
          http_method: httpMethod,
          arguments: given as JsonObject,
          audience,
          node: hookNode(node),
        };
        const timeoutSeconds = async ? ASYNC_SECONDS : SYNC_SECONDS;
        const reply = await hooks.call({ hook, purpose: 'vendor', idempotencyKey: key, body, timeoutSeconds });
        return resultOf(hook, reply, attach);
      },
    });
  });
}

function resultOf(hook: string, reply: HookReply, attach: boolean): JsonValue {
  if (reply.kind !== 'answered') throw errorOf(hook, reply);
  const checked = vendorReply.safeParse(reply.body);
  const result = checked.success ? (checked.data.result as JsonValue) : undefined;
  if (result === undefined || (attach && typeof result !== 'string')) {
    throw new Unavailable(`Hook ${hook}: its answer does not fit the schema of replies`);
  }
  return result;
}

/** A refusal is the caller's, everything else is not. */
function errorOf(hook: string, reply: Exclude<HookReply, { kind: 'answered' }>): NodelessError {
  const message = `Hook ${hook}: ${reply.message}`;
  if (reply.kind === 'failed' || reply.status >= 500 || reply.status === 429) return new Unavailable(message, 5);
  return reply.status === 409 ? new Conflict(message) : new InvalidInput(message);
}
