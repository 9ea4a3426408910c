import { timingSafeEqual } from 'node:crypto';
import { tokenHash } from '../agent/agent-token.ts';
import type { SessionStore } from '../agent/session-store.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The node that the caller proved to be, or undefined, whatever was wrong. One strong read of the session before
 * anything else, so that an unknown node and a wrong token look and last alike.
 */
export async function provenNode(
  stores: { sessions: Pick<SessionStore, 'get'>; nodes: Pick<NodeStore, 'get'> },
  uuid: unknown,
  token: unknown,
): Promise<Node | undefined> {
  if (typeof uuid !== 'string' || !UUID.test(uuid) || typeof token !== 'string' || token === '') return undefined;
  const session = await stores.sessions.get(uuid);
  const given = Buffer.from(tokenHash(token));
  // No live token (never issued, revoked, a 2014 agent without one): nothing can prove anything.
  const live = Buffer.from(session?.tokenHash ?? '');
  if (live.length !== given.length || !timingSafeEqual(live, given)) return undefined;
  return stores.nodes.get(uuid);
}
