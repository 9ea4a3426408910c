import { VersionConflict } from '../errors.ts';
import { stateOf } from '../lifecycle/states.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { type AdvanceDependencies, advance } from './advance.ts';
import { deadlineOf } from './deadlines.ts';
import { nextAction, sentence } from './next-action.ts';
import { phaseName } from './outcome.ts';
import type { Run } from './run.ts';

export interface SweepResult {
  looked: number;
  resumed: string[];
  ended: string[];
}

export type SweepDependencies = AdvanceDependencies & {
  nodes: Pick<NodeStore, 'get' | 'replace' | 'list'>;
  workflow: AdvanceDependencies['workflow'] & {
    status(run: string, attempt: number): Promise<'running' | 'ended' | 'unknown'>;
  };
};

/** Executions that may die under one run before somebody must look: a bug must not resume it for ever. */
const MOST_DEATHS = 50;

/**
 * Takes up, from the row, every run whose execution is gone: a successor carries it on (attempt + 1). It asks the agent
 * first, so that a machine is not declared dead for an outage of ours; a silent one past its deadline ends there with a
 * reason. Safe to run twice at once: both writes name the version they read.
 */
export async function sweep(given: SweepDependencies): Promise<SweepResult> {
  const result: SweepResult = { looked: 0, resumed: [], ended: [] };
  for (const node of await given.nodes.list()) {
    const run = node.run;
    if (!run || run.ended) continue;
    result.looked += 1;
    try {
      await takeUp(node, run, given, result);
    } catch (error) {
      // One node that cannot be taken up now must not hold up the others; the next sweep sees it again.
      if (!(error instanceof VersionConflict))
        given.log.error('a run could not be resumed', {
          run: run.id,
          error: error instanceof Error ? error.name : typeof error,
        });
    }
  }
  return result;
}

async function takeUp(node: Node, run: Run, given: SweepDependencies, result: SweepResult): Promise<void> {
  // A held run has no execution on purpose, as long as it may be held.
  const held = stateOf(node.provision_state).class === 'hold';
  if (held && (run.waiting?.until ?? 0) > given.clock.now()) return;
  if ((await given.workflow.status(run.id, run.attempt)) !== 'ended') return;
  const deaths = (run.deaths ?? 0) + 1;
  if (deaths >= MOST_DEATHS) {
    const where = phaseName(run.phases[run.cursor]);
    const next = sentence(nextAction(run.flow, node));
    const by = `the sweeper in ${where}: ${deaths} executions of it died, see the log of Advance. ${next}`;
    await advance(
      { node: node.uuid, run: run.id, attempt: run.attempt, event: { kind: 'aborted', by } },
      undefined,
      given,
    );
    result.ended.push(run.id);
    return;
  }
  const attempt = run.attempt + 1;
  await given.nodes.replace({ ...node, run: { ...run, attempt, deaths, wakes: 0 } });
  const timeoutSeconds = deadlineOf(run.flow, given.configuration, node);
  await given.workflow.start({ node: node.uuid, run: run.id, attempt, timeoutSeconds });
  result.resumed.push(run.id);
}
