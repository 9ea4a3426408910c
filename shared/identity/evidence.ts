import type { JsonObject } from '../node/node.ts';
import type { IdentityKey } from '../node/node-store.ts';

/** What a machine shows of itself, normalised: lower-case MACs with colons, trimmed lower-case serials. */
export interface Evidence {
  macs: string[];
  serial?: string;
  systemUuid?: string;
  assetTag?: string;
  /** Facts for the new node's `properties`; decide nothing. */
  profile: JsonObject;
}

/** Ironic's limit on interfaces; more is an attack or a mistake. */
export const MAX_MACS = 64;

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
/** What firmware shows when nobody filled it in. */
const MEANINGLESS = new Set([
  '',
  'na',
  'n/a',
  'none',
  'null',
  'unknown',
  'default',
  'default string',
  'not specified',
  'not available',
  'not applicable',
  'to be filled by o.e.m.',
  'to be filled by o.e.m',
  'system serial number',
  'chassis serial number',
  'serial number',
  'empty',
  'invalid',
  'oem',
  '0123456789',
  '123456789',
  '1234567890',
  'xxxxxxx',
  'no asset tag',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '03000200-0400-0500-0006-000700080009',
]);

export function normaliseMac(text: string): string | undefined {
  const mac = text.trim().toLowerCase().replaceAll('-', ':');
  return MAC.test(mac) && mac !== '00:00:00:00:00:00' && mac !== 'ff:ff:ff:ff:ff:ff' ? mac : undefined;
}

/** A serial, UUID or tag in its one spelling, or undefined when it says nothing. */
export function normaliseIdentifier(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const value = text.trim().toLowerCase();
  return MEANINGLESS.has(value) || /^[0\s.-]*$/.test(value) || value.length > 255 ? undefined : value;
}

export function normaliseMacs(texts: readonly unknown[]): string[] {
  const macs = texts.flatMap((text) => (typeof text === 'string' ? (normaliseMac(text) ?? []) : []));
  return [...new Set(macs)];
}

export function keysOf(evidence: Evidence): IdentityKey[] {
  return [
    ...evidence.macs.map((value): IdentityKey => ({ kind: 'mac', value })),
    ...(evidence.serial ? [{ kind: 'serial', value: evidence.serial } as const] : []),
    ...(evidence.systemUuid ? [{ kind: 'system_uuid', value: evidence.systemUuid } as const] : []),
    ...(evidence.assetTag ? [{ kind: 'asset_tag', value: evidence.assetTag } as const] : []),
  ];
}
