import { z } from 'zod';
import { InvalidInput } from '../../shared/errors.ts';
import { type Evidence, evidenceOf, MAX_MACS, type Shown } from '../../shared/identity/evidence.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import type { JsonObject } from '../../shared/json.ts';

/** Unknown arguments are refused, as Ironic does (contract §0). */
export const lookupQuery = z.strictObject({
  addresses: z.string().max(4096).optional(),
  node_uuid: z.guid().optional(),
  serial: z.string().max(255).optional(),
  uuid: z.guid().optional(),
  asset_tag: z.string().max(255).optional(),
});

const nic = z.looseObject({ mac_address: z.string().max(64).nullish() });
export const inventorySchema = z.looseObject({
  interfaces: z.array(nic).max(MAX_MACS, `at most ${MAX_MACS} interfaces`),
  system_vendor: z.looseObject({ serial_number: z.string().max(255).nullish() }).nullish(),
});

/** A request's input, or a 400 that names the first thing that is wrong and repeats no value. */
export function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join('.') || 'the request';
  throw new InvalidInput(`Invalid input for ${where}: ${issue?.message ?? 'it has the wrong shape'}`);
}

export function evidenceFromQuery(query: z.infer<typeof lookupQuery>): Evidence {
  const texts = (query.addresses ?? '').split(',').filter((text) => text.trim() !== '');
  if (texts.length > MAX_MACS) throw new InvalidInput(`Invalid input for addresses: at most ${MAX_MACS} MAC addresses`);
  const asked = (kind: Shown['kind'], text: string | undefined): Shown => ({ kind, text, source: 'query' });
  return evidenceOf([
    ...texts.map((text) => asked('mac', text)),
    asked('system_serial', query.serial),
    asked('system_uuid', query.uuid),
    asked('asset_tag', query.asset_tag),
  ]);
}

export function evidenceFromBody(inventory: z.infer<typeof inventorySchema>): Evidence {
  return evidenceFromInventory(inventory as JsonObject);
}
