import type { Session, SessionStore } from '../agent/session-store.ts';
import { type Clock, timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { provisionRequest } from '../lifecycle/provision-request.ts';
import { transition } from '../lifecycle/transition.ts';
import { verbOf } from '../lifecycle/verbs.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { readyToProvide } from './ready-to-provide.ts';
import type { Runs } from './runs.ts';

export interface ProvideDependencies {
  nodes: Pick<NodeStore, 'get'>;
  sessions: Pick<SessionStore, 'get'>;
  runs: Pick<Runs, 'begin'>;
  clock: Clock;
  configuration: Pick<Configuration, 'fastTrack' | 'provideWhenPresent'>;
}

const SINCE = verbOf('provide')?.since ?? 1;

/**
 * What an operator does with `provide`, for a machine that registered itself. Looks once more at what is there now. False:
 * not ready any more. Throws `Unavailable` over the limits, `VersionConflict` when somebody else was faster.
 */
export async function providePresent(uuid: string, given: ProvideDependencies): Promise<boolean> {
  const [node, session] = await Promise.all([given.nodes.get(uuid), given.sessions.get(uuid)]);
  if (!node || !session) return false;
  const now = given.clock.now();
  const { ready, reason } = readyToProvide({ node, session, now, settings: given.configuration });
  if (!ready) return false;
  const { row } = provisionRequest(node, { target: 'provide' }, SINCE);
  const at = timestamp(now);
  const next: Node = { ...transition(node, 'provide', { at }), updated_at: at };
  await given.runs.begin(next, 'provide', {}, [told(session, row, reason)]);
  return true;
}

function told({ issuedAt }: Session, { from, to }: { from: string; to: string }, reason: string): NewEvent {
  return {
    event_type: 'transition',
    event: `Policy asks for provide: ${from} → ${to}: ${reason}`,
    severity: 'INFO',
    user: 'policy',
    detail: { verb: 'provide', from, to, reason, registered_at: timestamp(issuedAt) },
  };
}
