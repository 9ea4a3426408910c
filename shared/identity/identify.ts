import type { Node } from '../node/node.ts';
import type { Hit, IdentityIndex, NodeStore } from '../node/node-store.ts';
import { type Decision, decide, nodeLists } from './decide.ts';
import { type Evidence, keysOf } from './evidence.ts';

export interface IdentifyDependencies {
  nodes: Pick<NodeStore, 'get'>;
  identity: IdentityIndex;
}

/**
 * Finds whose machine it is. Indexes first (one parallel round, may be stale), each hit checked against a strong read
 * of its node; nothing left → the claims, which are strongly consistent. So a stale index neither gives a machine to
 * the wrong node nor makes a known machine a stranger. Throws Unavailable when it could not look.
 */
export async function identify(evidence: Evidence, given: IdentifyDependencies): Promise<Decision> {
  const keys = keysOf(evidence);
  const verified = await nodesOf(await given.identity.candidates(keys), given.nodes);
  if (verified.length > 0) return decide(evidence, verified);
  return decide(evidence, await nodesOf(await given.identity.claims(keys), given.nodes));
}

async function nodesOf(hits: readonly Hit[], nodes: Pick<NodeStore, 'get'>): Promise<Node[]> {
  const uuids = [...new Set(hits.map((hit) => hit.node))];
  const found = await Promise.all(uuids.map((uuid) => nodes.get(uuid)));
  return found.filter(
    (node): node is Node =>
      node !== undefined && hits.some((hit) => hit.node === node.uuid && nodeLists(node, hit.key)),
  );
}
