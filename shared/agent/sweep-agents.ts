import { NodelessError, VersionConflict } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Node } from '../node/node.ts';
import { type ProvideDependencies, providePresent } from '../run/provide-present.ts';
import { readyToProvide } from '../run/ready-to-provide.ts';
import type { Runs } from '../run/runs.ts';
import { type LostAgentDependencies, tellLost } from './lost-agents.ts';
import type { Session, SessionStore } from './session-store.ts';

export type AgentSweepDependencies = Omit<LostAgentDependencies, 'sessions'> &
  Omit<ProvideDependencies, 'sessions' | 'runs'> & {
    sessions: LostAgentDependencies['sessions'] & ProvideDependencies['sessions'] & Pick<SessionStore, 'page'>;
    runs: Pick<Runs, 'begin' | 'refuseOverLimit'>;
    log: Log;
  };

/** Pages (of at most 1 MB) that one sweep reads; the next one goes on where it stopped. */
const PAGES_PER_SWEEP = 100;

/**
 * Looks at the agents of all nodes for which no run goes on: one that is lost is told of, one whose machine registered
 * itself may be provided. `gapMs`: looks that are further apart mean an outage of ours. `after` is what the last sweep
 * returned as `next`.
 */
export async function sweepAgents(
  nodes: readonly Node[],
  look: { now: number; gapMs: number; after: string | undefined },
  given: AgentSweepDependencies,
): Promise<{ lost: string[]; provided: string[]; next: string | undefined }> {
  const byUuid = new Map(nodes.map((node) => [node.uuid, node]));
  const lost: string[] = [];
  const provided: string[] = [];
  const provides = provider(given);
  let next = look.after;
  for (let pages = 0; pages < PAGES_PER_SWEEP; pages += 1) {
    const page = await given.sessions.page(next);
    for (const session of page.sessions) {
      const node = byUuid.get(session.node);
      if (!node || (node.run && !node.run.ended)) continue;
      if (await tellLost(node, session, look, given)) lost.push(node.uuid);
      else if (await provides(node, session)) provided.push(node.uuid);
    }
    next = page.next;
    if (next === undefined) break;
  }
  return { lost, provided, next };
}

/** Until the limits of runs are reached. One node that cannot be provided must not hold up the others. */
function provider(given: AgentSweepDependencies) {
  const { runs, log, clock, configuration: settings } = given;
  let open = true;
  return async (node: Node, session: Session): Promise<boolean> => {
    if (!open || !readyToProvide({ node, session, now: clock.now(), settings }).ready) return false;
    try {
      await runs.refuseOverLimit('provide');
    } catch (error) {
      if (!(error instanceof NodelessError)) throw error;
      open = false;
      log.warn('machines that are present are not provided now', { reason: error.message });
      return false;
    }
    try {
      return await providePresent(node.uuid, given);
    } catch (error) {
      if (!(error instanceof VersionConflict)) {
        const what = error instanceof Error ? error.name : typeof error;
        log.error('a machine that is present could not be provided', { node: node.uuid, error: what });
      }
      return false;
    }
  };
}
