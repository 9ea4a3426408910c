import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { SessionStore } from './session-store.ts';

/** Without a token anybody may beat for the node: only where an operator said so, per node (contract §5). */
export const mayBeTokenless = (node: Pick<Node, 'driver_info'> | undefined): boolean =>
  node?.driver_info['legacy_heartbeat'] === true;

/** To be called after `driver_info` was written: an agent that may not be without a token any more is nobody's. */
export async function endTokenless(
  node: Pick<Node, 'uuid' | 'driver_info'>,
  sessions: Pick<SessionStore, 'get' | 'revoke'>,
): Promise<void> {
  if (mayBeTokenless(node)) return;
  const session = await sessions.get(node.uuid);
  if (session?.tokenless) await sessions.revoke(node.uuid, session.generation);
}

/**
 * To be called after a generation without a token was given out. Who withdraws the word looks at the session after the
 * write, we at the node after the issue: one of the two sees the other.
 */
export async function stillTokenless(
  uuid: string,
  { nodes, sessions }: { nodes: Pick<NodeStore, 'get'>; sessions: Pick<SessionStore, 'get' | 'revoke'> },
): Promise<boolean> {
  const node = await nodes.get(uuid);
  if (node) await endTokenless(node, sessions);
  return mayBeTokenless(node);
}
