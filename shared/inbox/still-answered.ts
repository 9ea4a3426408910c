import { macsOf } from '../identity/evidence.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { Submission } from './submission.ts';

/**
 * Nodes that have MACs of a rejected machine. A lookup that shows one of them goes on to be answered as that node: else
 * whoever posts an inventory with the MAC of a node could shut its machine out.
 */
export async function stillAnswered(
  { evidence, candidates }: Pick<Submission, 'evidence' | 'candidates'>,
  nodes: Pick<NodeStore, 'get'>,
): Promise<{ node: string; name: string | null; macs: string[] }[]> {
  const found = await Promise.all(candidates.map((uuid) => nodes.get(uuid)));
  return found.flatMap((node) => {
    const macs = macsOf(evidence).filter((mac) => node?.macs.includes(mac));
    return node && macs.length > 0 ? [{ node: node.uuid, name: node.name, macs }] : [];
  });
}
