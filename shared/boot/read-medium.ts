import { deriveToken } from '../agent/agent-token.ts';
import { isUnused } from '../agent/handed-over.ts';
import type { SessionStore } from '../agent/session-store.ts';
import { NotFound } from '../errors.ts';
import { readMediumName, WITHOUT_TOKEN } from './medium-name.ts';

/**
 * What a medium says, by its name. The token only while it is the live one and unused: afterwards the medium goes on
 * saying where to report, since an agent that is started anew in the same boot reads it again.
 * Throws NotFound for a name that was not made here.
 */
export async function readMedium(
  name: string,
  given: { sessions: Pick<SessionStore, 'get'>; tokenKey(): Promise<Uint8Array> },
): Promise<{ node: string | null; token: string | null }> {
  if (name === WITHOUT_TOKEN) return { node: null, token: null };
  const key = await given.tokenKey();
  const medium = readMediumName(key, name);
  const session = medium && (await given.sessions.get(medium.node));
  if (!medium || !session) throw new NotFound('The resource could not be found.');
  const live = session.generation === medium.generation && isUnused(session);
  return { node: medium.node, token: live ? deriveToken(key, medium.node, medium.generation) : null };
}
