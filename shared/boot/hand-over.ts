import { deriveToken, tokenHash } from '../agent/agent-token.ts';
import { bootOf, isForRun, isUnused } from '../agent/handed-over.ts';
import type { SessionStore } from '../agent/session-store.ts';
import { mayBeTokenless } from '../agent/tokenless.ts';
import { intervalFor } from '../agent/told-interval.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { implementationOf } from '../drivers/implementation.ts';
import { VIRTUAL_MEDIA } from '../drivers/redfish/request-dialogue.ts';
import { powerCapability } from '../drivers/registry.ts';
import { Conflict, NotFound } from '../errors.ts';
import type { Node } from '../node/node.ts';
import type { Beside, Run } from '../run/run.ts';
import { MEDIUM, mediumName, WITHOUT_TOKEN } from './medium-name.ts';

export interface HandOverDependencies {
  sessions: Pick<SessionStore, 'get' | 'issue' | 'revoke'>;
  tokenKey(): Promise<Uint8Array>;
  clock: Clock;
  configuration: Pick<Configuration, 'parametersIso' | 'heartbeatIntervalSeconds' | 'runHeartbeatIntervalSeconds'>;
}

/**
 * Whether a ramdisk of this node gets its token on a medium. Only where the machine can be seen to be off when the medium
 * goes in, since whatever runs could read it; never beside agents of 2014, which beat without one.
 */
export function handsOver(node: Node, parametersIso: string | null): boolean {
  return (
    (parametersIso?.includes(MEDIUM) ?? false) &&
    implementationOf(node, 'boot') === VIRTUAL_MEDIA &&
    powerCapability(node) === 'exchange' &&
    !node.disable_power_off &&
    !mayBeTokenless(node)
  );
}

/** What to put beside the agent ISO; with `token`, the generation of this boot begins here. */
export async function besideOf(node: Node, token: boolean, given: HandOverDependencies): Promise<Beside | undefined> {
  const like = given.configuration.parametersIso;
  if (like === null || implementationOf(node, 'boot') !== VIRTUAL_MEDIA) return undefined;
  const name = token ? mediumName(await given.tokenKey(), node.uuid, await issued(node, given)) : WITHOUT_TOKEN;
  return { like, image: like.replace(MEDIUM, () => name) };
}

/** The generation of this boot. Who comes again, after a crash or a `pending`, gets the same one, used or not. */
async function issued(node: Node, given: HandOverDependencies): Promise<number> {
  const handedOver = bootOf(node.run ?? { sequence: node.run_sequence, cursor: 0 });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const session = await given.sessions.get(node.uuid);
    if (!session) throw new NotFound(`Node ${node.uuid} could not be found.`);
    if (session.handedOver === handedOver) return session.generation;
    const generation = session.generation + 1;
    const before = await given.sessions.issue(node.uuid, session.generation, {
      tokenHash: tokenHash(deriveToken(await given.tokenKey(), node.uuid, generation)),
      intervalSeconds: intervalFor(node, given.configuration),
      at: given.clock.now(),
      handedOver,
    });
    if (before) return generation;
  }
  throw new Conflict('The session of this node changes at this moment; try again');
}

/** A token on a medium that nobody will boot with for this run any more dies; lookup gives another one, as ever. */
export async function withdraw(
  node: string,
  run: Pick<Run, 'sequence'>,
  sessions: Pick<SessionStore, 'get' | 'revoke'>,
): Promise<void> {
  const session = await sessions.get(node);
  if (session && isUnused(session) && isForRun(session, run)) await sessions.revoke(node, session.generation);
}
