import { stateOf } from '../lifecycle/states.ts';
import type { Node } from '../node/node.ts';
import type { Facts } from './outcome.ts';
import type { Run } from './run.ts';

/**
 * An operator's maintenance freezes a run that waits, as in Ironic (contract §8, 23): beats are taken, nothing is sent and no
 * deadline ends it. What a fault sets is a consequence, and stops nobody who goes on in spite of it.
 */
export function isFrozen(node: Node): boolean {
  return node.maintenance && node.fault === null && stateOf(node.provision_state).class === 'wait';
}

export function frozen(run: Run, facts: Facts): Run {
  const since = run.waiting?.frozen ? run.waiting.since : facts.now;
  const why = `the end of its maintenance: in maintenance since ${new Date(since).toISOString()}, the run waits`;
  return { ...run, waiting: { for: why, since, until: facts.now + facts.deadlineSeconds * 1000, frozen: true } };
}

/** It waits anew, and its step has as much time left as it had. */
export function thawed(run: Run, facts: Facts): Run {
  if (!run.waiting?.frozen) return run;
  const { stepDeadline, waiting } = run;
  const shifted = stepDeadline === null ? null : stepDeadline + facts.now - waiting.since;
  return { ...run, waiting: null, stepDeadline: shifted };
}
