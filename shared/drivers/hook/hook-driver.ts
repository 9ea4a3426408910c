import type { z } from 'zod';
import { InvalidInput } from '../../errors.ts';
import { managementReply, powerReply } from '../../hook/driver-hook.ts';
import { hookNode } from '../../hook/hook-node.ts';
import type { HookCall, HookReply, Hooks } from '../../hook/hook-port.ts';
import type { JsonObject } from '../../json.ts';
import type { Node } from '../../node/node.ts';
import type { ExchangeReply } from '../../run/run.ts';
import { type DriverRequest, fakeExchange } from '../driver.ts';
import { implementationOf } from '../implementation.ts';

/** A run may look again; an operator's gateway waits 29 s. */
const TIMEOUT_SECONDS = 20;

/** Throws `InvalidInput` where the node does not say which hook drives it. */
export function hookOf({ driver_info: { hook } }: Pick<Node, 'driver_info'>): string {
  if (typeof hook === 'string' && hook !== '') return hook;
  throw new InvalidInput(NO_HOOK);
}
const NO_HOOK = "driver_info/hook must name one of the configuration's hooks";

/** What a hook is asked for; anything else is pretended hardware's answer. */
const PURPOSES: Partial<Record<DriverRequest['action'], 'power' | 'management'>> = {
  'power-state': 'power',
  'set-power': 'power',
  'set-boot-device': 'management',
};

/** What a run or an operator asks of a node's driver, by the operator's own code. Never throws for what that code does. */
export async function askHookDriver(
  hooks: Hooks,
  node: Node,
  request: DriverRequest,
  ids: { uuid(): string },
): Promise<ExchangeReply> {
  const purpose = PURPOSES[request.action];
  // Where the hook switches power only, the machine's own order of boot devices counts.
  if (purpose === undefined || (purpose === 'management' && implementationOf(node, 'management') !== 'hook')) {
    return fakeExchange(node, request);
  }
  const { hook } = node.driver_info;
  if (typeof hook !== 'string' || hook === '') return { kind: 'refused', status: 400, message: NO_HOOK };
  const { to: _to, ...asked } = request;
  const run = node.run !== null && node.run.ended === null ? node.run.id : null;
  const reply = await hooks.call({
    hook,
    purpose,
    idempotencyKey: keyOf(node, request) ?? ids.uuid(),
    timeoutSeconds: TIMEOUT_SECONDS,
    body: { ...asked, node: hookNode(node), run },
  });
  const broken = brokenReply(hook, reply);
  if (broken) return broken;
  return purpose === 'power' ? read(hook, reply, powerReply) : read(hook, reply, managementReply);
}

/**
 * One question of a run is one key, also when it is asked again because nobody knows whether it was heard. A look is a
 * question of its own each time: an answer that was kept would never change.
 */
function keyOf({ run }: Node, request: DriverRequest): HookCall['idempotencyKey'] | undefined {
  if (run === null || run.ended !== null) return undefined;
  const place = `${run.id}/${run.cursor}`;
  if (request.action === 'power-state') return `${place}/look/${run.attempt}/${run.wakes}/${run.tries}`;
  return `${place}/${request.action}/${request.action === 'set-power' ? request.target : 'device'}`;
}

/** What is no usable answer: again where it may help, with a reason where it does not. */
function brokenReply(hook: string, reply: HookReply): ExchangeReply | undefined {
  if (reply.kind === 'answered') return undefined;
  const message = `hook ${hook}: ${reply.message}`;
  if (reply.kind === 'refused') {
    const later = reply.status >= 500 || reply.status === 429;
    return later ? { kind: 'unreachable', message } : { kind: 'refused', status: reply.status, message };
  }
  const later = reply.because === 'time-out' || reply.because === 'unreachable';
  return later ? { kind: 'unreachable', message } : { kind: 'refused', status: 502, message };
}

type Answer = z.output<typeof powerReply> | z.output<typeof managementReply>;

function read(hook: string, reply: HookReply, schema: z.ZodType<Answer>): ExchangeReply {
  const checked = schema.safeParse(reply.kind === 'answered' ? reply.body : undefined);
  if (!checked.success) {
    return { kind: 'refused', status: 502, message: `hook ${hook}: its answer does not fit the schema of replies` };
  }
  const answer: JsonObject = { ...checked.data };
  if (typeof answer.unsupported === 'string') {
    return { kind: 'unsupported', message: `hook ${hook}: ${answer.unsupported}` };
  }
  if (answer.accepted === true) return { kind: 'accepted' };
  const state = answer.power_state;
  return { kind: 'power', state: state === 'power on' || state === 'power off' ? state : null };
}
