import type { Node } from '../node/node.ts';
import type { IdentityKey } from '../node/node-store.ts';
import { type Evidence, keysOf, normaliseIdentifier } from './evidence.ts';

/** Whose machine this is, and why. */
export type Decision =
  | { verdict: 'match'; node: Node; reasons: string[]; by: IdentityKey['kind'][] }
  | { verdict: 'none'; reasons: string[] }
  | { verdict: 'conflict'; nodes: string[]; reasons: string[] };

/** Does the node itself still say so? Only then counts a hit in an index. */
export function nodeLists(node: Node, key: IdentityKey): boolean {
  switch (key.kind) {
    case 'mac':
      return node.macs.includes(key.value);
    case 'serial':
      return normaliseIdentifier(node.properties['serial_number']) === key.value;
    case 'system_uuid':
      return normaliseIdentifier(node.properties['system_uuid']) === key.value;
    case 'asset_tag':
      return normaliseIdentifier(node.properties['asset_tag']) === key.value;
  }
}

/**
 * Evidence and the nodes that it points to → one, none, or a conflict. Pure; the order of its inputs never matters.
 * A value that several nodes list is shared and decides nothing, unless it is a MAC: two owners of one MAC are a conflict.
 */
export function decide(evidence: Evidence, candidates: readonly Node[]): Decision {
  const reasons: string[] = [];
  const by: IdentityKey['kind'][] = [];
  const pointed = new Map<string, Node>();
  for (const key of keysOf(evidence)) {
    const owners = candidates.filter((node) => nodeLists(node, key));
    if (owners.length === 0) {
      reasons.push(`${key.kind} ${key.value} is of no node`);
    } else if (owners.length > 1 && key.kind !== 'mac') {
      reasons.push(`${key.kind} ${key.value} is shared by ${owners.length} nodes and decides nothing`);
    } else {
      for (const owner of owners) {
        pointed.set(owner.uuid, owner);
        reasons.push(`${key.kind} ${key.value} is of node ${owner.uuid}`);
      }
      by.push(key.kind);
    }
  }
  const nodes = [...pointed.values()];
  const [only] = nodes;
  if (!only) return { verdict: 'none', reasons };
  if (nodes.length > 1) return { verdict: 'conflict', nodes: nodes.map((node) => node.uuid).sort(), reasons };
  return { verdict: 'match', node: only, reasons, by: [...new Set(by)] };
}
