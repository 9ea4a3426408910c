import { NotFound, VersionConflict } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

const TRIES = 3;

/** Reads, changes, writes; again when somebody else wrote in between. `change` may run more than once. */
export async function changeNode(
  nodes: Pick<NodeStore, 'get' | 'replace'>,
  uuid: string,
  change: (node: Node) => Node,
  event: NewEvent,
): Promise<Node> {
  for (let tries = 1; ; tries++) {
    const node = await nodes.get(uuid);
    if (!node) throw new NotFound(`Node ${uuid} could not be found.`);
    try {
      return await nodes.replace(change(node), [event]);
    } catch (error) {
      if (!(error instanceof VersionConflict) || tries === TRIES) throw error;
    }
  }
}
