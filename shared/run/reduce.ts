import type { Node } from '../node/node.ts';
import type { NewEvent } from '../node/node-store.ts';
import type { Facts, Outcome, PhaseContext } from './outcome.ts';
import { isPresent, phaseName } from './outcome.ts';
import * as agent from './phases/agent-phases.ts';
import * as machine from './phases/machine-phases.ts';
import type { Effect, Phase, Run, RunEvent } from './run.ts';

export interface Reduction {
  run: Run;
  /** Fields of the node that change besides its state. */
  node: Partial<Node>;
  /** Lifecycle events to apply, in order. */
  lifecycle: string[];
  effect: Effect;
  /** The agent's token must die: the machine was rebooted or left. */
  revoke: boolean;
  events: NewEvent[];
}

type Handlers = { [K in Phase['kind']]: (context: PhaseContext<Extract<Phase, { kind: K }>>) => Outcome };

const HANDLERS: Handlers = {
  power: machine.power,
  'power-state': machine.powerState,
  'inspect-bmc': machine.inspectBmc,
  'boot-device': machine.bootDevice,
  'await-agent': machine.awaitAgent,
  'await-inspection': machine.awaitInspection,
  refuse: machine.refuse,
  lifecycle: machine.lifecycle,
  plan: agent.plan,
  step: agent.step,
  command: agent.command,
  'install-bootloader': agent.installBootloader,
  leave: agent.leave,
};

/** Table look-up per kind; the compiler cannot follow the correlation, the mapped type above holds it. */
function handle(context: PhaseContext): Outcome {
  const handler = HANDLERS[context.phase.kind] as (context: PhaseContext) => Outcome;
  return handler(context);
}

/**
 * (row, event) → (row', effect). Pure: no clock, no store. Goes through phases until something has to be done outside.
 */
export function reduce(node: Node, run: Run, event: RunEvent, facts: Facts): Reduction {
  const reduction: Reduction = {
    run: { ...run },
    node: {},
    lifecycle: [],
    effect: { kind: 'done' },
    revoke: false,
    events: [],
  };
  if (run.ended) {
    reduction.effect =
      run.ended.result === 'done' ? { kind: 'done' } : { kind: 'failed', reason: run.ended.reason ?? 'ended' };
    return reduction;
  }
  const phase = run.phases[run.cursor];
  switch (event.kind) {
    case 'aborted':
      return fail(reduction, `aborted by ${event.by}`);
    case 'agent-restarted':
      if (phase?.kind !== 'await-agent' && phase?.kind !== 'await-inspection') {
        const what = `the agent restarted during ${phaseName(phase)}; its work there is lost`;
        return fail(reduction, `${what}. Start the ${run.flow} again`);
      }
      break;
    case 'started':
      // A successor of an execution that died takes the run up where its row says.
      if (run.cursor > 0 || run.stage !== 'start') break;
      reduction.run.present = facts.fastTrack && isPresent(facts);
      if (reduction.run.present) reduction.run.generation = facts.session.generation;
      break;
    default:
      break;
  }
  return proceed(reduction, node, event, facts);
}

/** A beat, or any answer, is life: deadlines count silence, and silence of ours (an outage) is not the machine's. */
function isAlive(first: RunEvent, now: RunEvent): boolean {
  return [first, now].some((e) => e.kind === 'beat' || (e.kind === 'reply' && !MUTE.has(e.reply.kind)));
}
const MUTE: ReadonlySet<string> = new Set(['unreachable', 'pending', 'accepted', 'power']);

function silence(run: Run, waitedFor: string, facts: Facts, event: RunEvent): string {
  const name = phaseName(run.phases[run.cursor]);
  const why = event.kind === 'time-is-up' ? ` (${event.why})` : '';
  const next =
    'Check the console of the machine and its network to the agent API, power it off and on, then start the ' +
    `${run.flow} again`;
  return `${run.flow} stopped in ${name}: waited ${facts.deadlineSeconds} s for ${waitedFor}${why}. ${next}`;
}

function proceed(reduction: Reduction, node: Node, first: RunEvent, facts: Facts): Reduction {
  let event = first;
  for (;;) {
    const run = reduction.run;
    const phase = run.phases[run.cursor];
    if (!phase) {
      reduction.run.waiting = null;
      reduction.effect = { kind: 'done' };
      return reduction;
    }
    const outcome = handle({ phase, node: { ...node, ...reduction.node }, run, event, facts });
    if (outcome.go === 'fail') return fail(reduction, outcome.reason);
    if ('node' in outcome && outcome.node) Object.assign(reduction.node, outcome.node);
    if (outcome.run) Object.assign(reduction.run, outcome.run);
    switch (outcome.go) {
      case 'next':
        if (outcome.insert) {
          run.phases = [...run.phases.slice(0, run.cursor + 1), ...outcome.insert, ...run.phases.slice(run.cursor + 1)];
        }
        if (outcome.lifecycle) reduction.lifecycle.push(outcome.lifecycle);
        if (outcome.revoke) reduction.revoke = true;
        reduction.events.push(stepEvent(run, phase, outcome.said));
        Object.assign(reduction.run, {
          cursor: run.cursor + 1,
          stage: 'start',
          tries: 0,
          commandId: null,
          stepDeadline: null,
          waiting: null,
        });
        event = { kind: 'resumed' };
        continue;
      case 'exchange':
        if (outcome.request.to === 'agent' && outcome.request.command === 'run') run.waiting = null;
        reduction.effect = { kind: 'exchange', request: outcome.request };
        return reduction;
      case 'wait':
      case 'pause': {
        const until =
          isAlive(first, event) || !run.waiting ? facts.now + facts.deadlineSeconds * 1000 : run.waiting.until;
        if (until <= facts.now) return fail(reduction, silence(run, outcome.for, facts, first));
        run.waiting = { for: outcome.for, since: run.waiting?.since ?? facts.now, until };
        if (outcome.go === 'wait') {
          reduction.effect = { kind: 'wait-beat', for: outcome.for };
          return reduction;
        }
        reduction.effect = { kind: 'pause', seconds: outcome.seconds, for: outcome.for };
        return reduction;
      }
    }
  }
}

function stepEvent(run: Run, phase: Phase, said = 'is done'): NewEvent {
  const name = phaseName(phase);
  return {
    event_type: 'step',
    event: `${run.flow}: ${name} ${said}`,
    severity: 'INFO',
    user: 'run',
    detail: { run: run.id, step: name },
  };
}

function fail(reduction: Reduction, reason: string): Reduction {
  reduction.run.waiting = null;
  reduction.effect = { kind: 'failed', reason };
  return reduction;
}
