import { VersionConflict } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { isUnused } from './handed-over.ts';
import type { Missing, Session, SessionStore } from './session-store.ts';

export interface LostAgentDependencies {
  sessions: Pick<SessionStore, 'miss'>;
  nodes: Pick<NodeStore, 'replace'>;
}

/** Intervals without a beat after which an agent is looked for. */
const SILENT_INTERVALS = 3;

/** What to note of a session at this look. Undefined: nothing, since it beats, is told of already, or is over. */
function missed(session: Session, now: number, gapMs: number): Missing | undefined {
  const { beats, missing, intervalSeconds } = session;
  // A token on a medium is no agent yet.
  const live = (session.tokenHash !== undefined || session.tokenless === true) && !isUnused(session);
  const silentMs = now - Math.max(session.lastBeatAt, session.issuedAt);
  if (!live || intervalSeconds === 0 || silentMs <= SILENT_INTERVALS * intervalSeconds * 1000) return undefined;
  const known = missing?.beats === beats ? missing : undefined;
  if (known?.told) return undefined;
  // Who did not look for so long had an outage, in which no beat could come: the agent gets a whole interval again.
  const since = known && now - known.lookedAt <= gapMs ? known.since : now;
  return { beats, since, lookedAt: now, told: now - since >= intervalSeconds * 1000 };
}

/**
 * An agent that stopped beating while no run waits for it (a run has deadlines of its own) is told of once in the history.
 * True: now. `gapMs`: looks that are further apart mean an outage of ours.
 */
export async function tellLost(
  node: Node,
  session: Session,
  { now, gapMs }: { now: number; gapMs: number },
  given: LostAgentDependencies,
): Promise<boolean> {
  const missing = missed(session, now, gapMs);
  return missing !== undefined && noted(node, session, missing, given);
}

/** Whether a loss was told now. The history first: one that was told twice is better than one that nobody reads of. */
async function noted(
  node: Node,
  session: Session,
  missing: Missing,
  { sessions, nodes }: LostAgentDependencies,
): Promise<boolean> {
  const stillSilent = await sessions.miss(node.uuid, { ...missing, told: false });
  if (!stillSilent || !missing.told) return false;
  try {
    await nodes.replace(node, [lostEvent(node, session, missing.lookedAt)]);
  } catch (error) {
    if (error instanceof VersionConflict) return false;
    throw error;
  }
  await sessions.miss(node.uuid, missing);
  return true;
}

function lostEvent(node: Node, session: Session, now: number): NewEvent {
  const heard = session.lastBeatAt || session.issuedAt;
  const seconds = Math.round((now - heard) / 1000);
  const what = `the agent was last heard of ${seconds} s ago and was told to beat every ${session.intervalSeconds} s`;
  const next = `The next run boots the machine anew. If it should be there, look at its console and its network`;
  return {
    event_type: 'agent-lost',
    event: `In ${node.provision_state}: ${what}. ${next}`,
    severity: 'ERROR',
    user: 'sweep',
    detail: { last_heard_at: new Date(heard).toISOString(), interval_seconds: session.intervalSeconds },
  };
}
