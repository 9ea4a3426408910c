import { transition } from '../lifecycle/transition.ts';
import type { Node } from '../node/node.ts';
import { nextAction, sentence } from './next-action.ts';
import { phaseName } from './outcome.ts';
import { tearDown } from './power-ways.ts';
import type { Phase, Run } from './run.ts';

/**
 * Where an abort has to wait: the name of a step that must not be broken off, because the agent said that it is not
 * abortable. A deploy is broken off anywhere: what it leaves is written again.
 */
export function stepToEndFirst(run: Run | null): string | undefined {
  const phase = run && !run.ended ? run.phases[run.cursor] : undefined;
  if (phase?.kind !== 'step' || phase.of === 'deploy' || phase.abortable !== false) return undefined;
  return run?.stage === 'start' ? undefined : phaseName(phase);
}

/** The agent cannot be stopped in this step: the wish is written down, the state stays. */
export function noted(node: Node, by: string): Node {
  return node.run === null ? node : { ...node, run: { ...node.run, abort: by } };
}

/** The row that must be readable before the 202 leaves; a run that has nothing to tear down has ended in it. */
export function aborted(node: Node, by: string, at: string): Node {
  const next = transition(node, 'abort', { at });
  const { run } = node;
  if (run === null || run.ended) {
    const then = next.provision_state === 'active' ? ': its instance is booted again' : '';
    return { ...next, last_error: `aborted by ${by} in ${node.provision_state}${then}` };
  }
  const phase = run.phases[run.cursor];
  const where = phase === undefined ? '' : ` during ${phase.kind === 'step' ? 'step ' : ''}${phaseName(phase)}`;
  const why = `${run.flow} aborted by ${by} in ${node.provision_state}${where}. ${afterwards(run, next)}`;
  const broken = brokenOff(node, run, why);
  const reason = broken.failing?.reason ?? why;
  const over = broken.cursor === broken.phases.length;
  return { ...next, last_error: reason, run: over ? { ...broken, ended: { result: 'failed', reason, at } } : broken };
}

/** Why it ended, where it had to wait for a step. */
export function abortedAfter(node: Node, run: Run): string {
  const step = phaseName(run.phases[run.cursor]);
  return `${run.flow} aborted by ${run.abort}, after step ${step} had ended. ${afterwards(run, node)}`;
}

function afterwards(run: Run, node: Pick<Node, 'provision_state'>): string {
  return sentence(nextAction(run.flow, node));
}

/**
 * The run that is broken off in its phase: what was to come does not come, and its machine is torn down, since an agent
 * cannot be told to stop. `idle`: nothing runs on the agent.
 */
export function brokenOff(node: Node, run: Run, reason: string, idle = isIdle(run)): Run {
  const used = run.phases.some(({ kind }) => kind === 'await-agent' || kind === 'await-inspection');
  // While nobody drives it, the row does not say whether the agent is there; elsewhere that memory is of long ago.
  const undriven = ['hold', 'pause'].includes(run.phases[run.cursor]?.kind ?? '');
  const present = run.present || (undriven && run.memory['hadAgent'] === true);
  const rest = used ? tearDown(node, run.flow, !present ? 'away' : idle ? 'idle' : 'busy') : { phases: [] };
  return {
    ...run,
    phases: [...run.phases.slice(0, run.cursor + 1), ...rest.phases],
    cursor: run.cursor + 1,
    stage: 'start',
    tries: 0,
    commandId: null,
    stepDeadline: null,
    waiting: null,
    abort: null,
    present: present && idle,
    // Whichever agent it has by now: an accident of it must not end the tear-down.
    generation: null,
    failing: { reason: rest.instruction === undefined ? reason : `${reason}. ${rest.instruction}` },
  };
}

/** Phases in which an agent may work on a command of ours. */
const WORKS: ReadonlySet<Phase['kind']> = new Set(['plan', 'step', 'command', 'install-bootloader', 'collect-logs']);

function isIdle({ phases, cursor, stage }: Run): boolean {
  const kind = phases[cursor]?.kind;
  return stage === 'start' || kind === undefined || !WORKS.has(kind);
}
