import { z } from 'zod';

/** Purposes `power`, `management` and `vendor`: your code is the driver of a node. Extra keys of a reply are ignored. */
const node = z
  .looseObject({ uuid: z.guid(), name: z.string().nullable(), driver: z.string() })
  .describe('The node without its secrets');
const run = z.string().nullable().describe('Id of the run that asks, or null where an operator does');
const unsupported = z
  .object({ unsupported: z.string().min(1).max(300).describe('Why, for a person') })
  .describe('Cannot be done: a run then waits for a person to do it');
const powerState = z.enum(['power on', 'power off']);

export const powerRequest = z.discriminatedUnion('action', [
  z.object({ action: z.literal('power-state'), node, run }),
  z.object({
    action: z.literal('set-power'),
    target: z.enum(['power on', 'power off', 'rebooting', 'soft power off']),
    node,
    run,
  }),
]);
export const powerReply = z.union([
  z.object({ power_state: powerState.nullable() }).describe('The state now; null where nobody knows'),
  z.object({ accepted: z.literal(true) }).describe('Begun: the state is asked for until it is there'),
  unsupported,
]);

export const managementRequest = z.object({
  action: z.literal('set-boot-device'),
  device: z.string(),
  persistent: z.boolean(),
  node,
  run,
});
export const managementReply = z.union([z.object({ accepted: z.literal(true) }), unsupported]);

export const vendorRequest = z.object({
  method: z.string(),
  http_method: z.string(),
  arguments: z.record(z.string(), z.json()).describe("As the method's schema allows them"),
  audience: z.enum(['operator', 'agent']).describe('Who calls: an operator, or the machine itself'),
  node,
});
export const vendorReply = z.object({ result: z.json().describe('What the caller gets') });
