import type { JsonValue, Node } from './node.ts';

/**
 * A value that a node holds. A hard one belongs to one node or the write fails; a soft one (values that vendors repeat)
 * is claimed when free and marked shared when not.
 */
export interface Claim {
  kind: 'name' | 'instance_uuid' | 'mac' | 'serial' | 'system_uuid' | 'asset_tag';
  value: string;
  soft: boolean;
}

/** A claim of any kind: resources beside the node have kinds of their own. */
export type AnyClaim = Omit<Claim, 'kind'> & { kind: string };

const LONGEST = 255;

/** Trimmed and lower-case, so that one machine is one value; undefined for what cannot identify anything. */
export function normalised(value: JsonValue | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim().toLowerCase();
  return text === '' || text.length > LONGEST ? undefined : text;
}

/** What the row itself claims. MACs are claimed by ports. */
export function claimsOf(node: Pick<Node, 'name' | 'instance_uuid' | 'properties'>): Claim[] {
  const serial = normalised(node.properties.serial_number);
  const system = normalised(node.properties.system_uuid);
  const asset = normalised(node.properties.asset_tag);
  const claims: Claim[] = [];
  if (node.name) claims.push({ kind: 'name', value: node.name, soft: false });
  if (node.instance_uuid) claims.push({ kind: 'instance_uuid', value: node.instance_uuid, soft: false });
  if (serial) claims.push({ kind: 'serial', value: serial, soft: true });
  if (system) claims.push({ kind: 'system_uuid', value: system, soft: true });
  if (asset) claims.push({ kind: 'asset_tag', value: asset, soft: true });
  return claims;
}

export const sameClaim = (a: Claim, b: Claim): boolean => a.kind === b.kind && a.value === b.value;

/** Which claims go and which come when a row changes. */
export function claimChanges(before: readonly Claim[], after: readonly Claim[]): { released: Claim[]; taken: Claim[] } {
  return {
    released: before.filter((old) => !after.some((kept) => sameClaim(old, kept))),
    taken: after.filter((fresh) => !before.some((old) => sameClaim(old, fresh))),
  };
}

/** MACs are a set: sorted, each once. */
export const macSet = (macs: Iterable<string>): string[] => [...new Set(macs)].sort();
