import { normalise } from '../identity/evidence.ts';
import { ignoredBecause } from '../identity/ignored-values.ts';
import { CLAIMED_BY_ROW, type ClaimKind } from '../identity/kinds.ts';
import type { Node } from './node.ts';

/**
 * A value that a node holds. A hard one belongs to one node or the write fails; a soft one (values that vendors repeat)
 * is claimed when free and marked shared when not.
 */
export interface Claim {
  kind: 'name' | 'instance_uuid' | ClaimKind;
  value: string;
  soft: boolean;
}

/** A claim of any kind: resources beside the node have kinds of their own. */
export type AnyClaim = Omit<Claim, 'kind'> & { kind: string };

/** What the row itself claims: values that identify its machine, and say something. MACs are claimed by ports. */
export function claimsOf(node: Pick<Node, 'name' | 'instance_uuid' | 'properties'>): Claim[] {
  const claims: Claim[] = [];
  if (node.name) claims.push({ kind: 'name', value: node.name, soft: false });
  if (node.instance_uuid) claims.push({ kind: 'instance_uuid', value: node.instance_uuid, soft: false });
  for (const { kind, property, claim, shape } of CLAIMED_BY_ROW) {
    const value = normalise(shape, node.properties[property]);
    if (value !== undefined && ignoredBecause(kind, value) === undefined)
      claims.push({ kind: claim, value, soft: true });
  }
  return claims;
}

export const serialOf = (node: Pick<Node, 'name' | 'instance_uuid' | 'properties'>): string | undefined =>
  claimsOf(node).find(({ kind }) => kind === 'serial')?.value;

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
