import type { NewEvent, Node } from '../node/node.ts';
import { abortedAfter, brokenOff } from './abort.ts';
import { frozen, isFrozen, thawed } from './freeze.ts';
import { afterPowerCycle, faultOf, nextAction, sentence } from './next-action.ts';
import type { Facts, Outcome, PhaseContext } from './outcome.ts';
import { asksAgent, isOnMedium, isPresent, phaseName } from './outcome.ts';
import { heldTooLong, isAlive, patience, silence } from './patience.ts';
import * as agent from './phases/agent-phases.ts';
import { awaitAgent } from './phases/await-agent.ts';
import { awaitInspection } from './phases/await-inspection.ts';
import { bootDevice } from './phases/boot-device.ts';
import { byHand } from './phases/by-hand.ts';
import { driverStep } from './phases/driver-step.ts';
import { leave } from './phases/last-command.ts';
import * as machine from './phases/machine-phases.ts';
import { power } from './phases/power.ts';
import * as quiet from './phases/quiet-phases.ts';
import type { Effect, Fault, Phase, Run, RunEvent } from './run.ts';

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
  power,
  'by-hand': byHand,
  'power-state': machine.powerState,
  'inspect-bmc': machine.inspectBmc,
  'boot-device': bootDevice,
  'await-agent': awaitAgent,
  'await-inspection': awaitInspection,
  refuse: machine.refuse,
  lifecycle: machine.lifecycle,
  plan: agent.plan,
  step: agent.step,
  'driver-step': driverStep,
  command: agent.command,
  'install-bootloader': agent.installBootloader,
  leave,
  hold: quiet.hold,
  pause: quiet.pause,
  gone: quiet.gone,
  'collect-logs': quiet.collectLogs,
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
  const reduction = taken(node, run, event, facts);
  // The medium stays where it is: whatever the machine runs after a failure must find nothing on it.
  if (reduction.effect.kind === 'failed' && isOnMedium(facts)) reduction.revoke = true;
  return reduction;
}

function taken(node: Node, run: Run, event: RunEvent, facts: Facts): Reduction {
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
  if (event.kind !== 'aborted' && isFrozen(node)) {
    reduction.run = frozen(run, facts);
    reduction.effect = { kind: 'wait-beat', for: reduction.run.waiting?.for ?? '' };
    return reduction;
  }
  reduction.run = { ...thawed(run, facts) };
  const phase = run.phases[run.cursor];
  switch (event.kind) {
    case 'aborted':
      return endWith(reduction, `aborted by ${event.by}`);
    case 'agent-restarted':
      // It is torn down: what it does now is nothing of the run's.
      if (run.failing) return end(reduction, run.failing.reason, run.failing.fault);
      if (phase?.kind !== 'await-agent' && phase?.kind !== 'await-inspection') {
        const what = `the agent restarted during ${phaseName(phase)}; its work there is lost`;
        const fault = faultOf(phase);
        return end(reduction, `${what}. ${sentence(nextAction(run.flow, node, fault))}`, fault);
      }
      break;
    case 'started':
      // A successor of an execution that died takes the run up where its row says.
      if (run.cursor > 0 || run.stage !== 'start') break;
      reduction.run.present = facts.fastTrack && isPresent(facts) && run.unfit !== facts.session.generation;
      if (reduction.run.present) reduction.run.generation = facts.session.generation;
      break;
    default:
      break;
  }
  return proceed(reduction, node, event, facts);
}

function proceed(reduction: Reduction, node: Node, first: RunEvent, facts: Facts): Reduction {
  let event = first;
  for (;;) {
    const run = reduction.run;
    const phase = run.phases[run.cursor];
    if (!phase) {
      if (run.failing) return end(reduction, run.failing.reason, run.failing.fault);
      reduction.run.waiting = null;
      reduction.effect = { kind: 'done' };
      return reduction;
    }
    const outcome = handle({ phase, node: { ...node, ...reduction.node }, run, event, facts });
    if (outcome.go === 'fail') {
      const fault = faultOf(phase);
      if (outcome.stuck) giveUpOnAgent(run, facts);
      const next = outcome.stuck
        ? afterPowerCycle(run.flow, node, fault)
        : (outcome.next ?? nextAction(run.flow, node, fault));
      const told = `${outcome.reason}. ${sentence(next)}`;
      if (run.failing || !run.present || facts.logs === 'never') return endWith(reduction, told, fault);
      // The ramdisk still answers: its logs first. What was to come does not come any more.
      reduction.events.push(stepEvent(run, phase, `failed: ${outcome.reason}`));
      Object.assign(run, nextPhase(run), {
        phases: [...run.phases.slice(0, run.cursor + 1), { kind: 'collect-logs' }],
        failing: { reason: told, ...(fault ? { fault } : {}) },
      });
      event = { kind: 'resumed' };
      continue;
    }
    const begins = run.stage === 'start' && outcome.go !== 'next' && TOLD_AT_START.has(phase.kind);
    if (begins) reduction.events.push(stepEvent(run, phase, 'begins'));
    if ('node' in outcome && outcome.node) Object.assign(reduction.node, outcome.node);
    if (outcome.run) Object.assign(reduction.run, outcome.run);
    switch (outcome.go) {
      case 'next':
        if (outcome.insert) {
          const rest = outcome.instead ? [] : run.phases.slice(run.cursor + 1);
          run.phases = [...run.phases.slice(0, run.cursor + 1), ...outcome.insert, ...rest];
        }
        if (outcome.lifecycle) reduction.lifecycle.push(outcome.lifecycle);
        if (outcome.revoke) reduction.revoke = true;
        if (!outcome.quiet) reduction.events.push(stepEvent(run, phase, outcome.said));
        if (run.abort !== null && phase.kind === 'step') {
          Object.assign(run, brokenOff(node, run, abortedAfter(node, run), true));
        } else Object.assign(run, nextPhase(run));
        event = { kind: 'resumed' };
        continue;
      case 'exchange':
        reduction.effect = { kind: 'exchange', request: outcome.request };
        return reduction;
      case 'wait':
      case 'pause': {
        const waiting = patience(run, isAlive(first, event), facts, outcome.go === 'pause' ? outcome.seconds : 0);
        if (waiting.until <= facts.now) {
          if (asksAgent(phase) && facts.session.reachable) giveUpOnAgent(run, facts);
          return endWith(reduction, silence(node, run, outcome.for, facts, first), faultOf(phase));
        }
        run.waiting = { ...waiting, for: outcome.for };
        if (outcome.go === 'wait') {
          reduction.effect = { kind: 'wait-beat', for: outcome.for };
          return reduction;
        }
        reduction.effect = { kind: 'pause', seconds: outcome.seconds, for: outcome.for };
        return reduction;
      }
      case 'hold': {
        const since = run.waiting?.since ?? facts.now;
        const until = run.waiting?.until ?? since + facts.holdSeconds * 1000;
        if (until <= facts.now) return end(reduction, heldTooLong(run, facts));
        run.waiting = { for: outcome.for, since, until };
        reduction.effect = { kind: 'hold', for: outcome.for };
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

/** Phases of which a person wants to see the beginning too: the others are over at once. */
const TOLD_AT_START: ReadonlySet<Phase['kind']> = new Set(['step', 'power', 'hold']);

function nextPhase(run: Run): Partial<Run> {
  return { cursor: run.cursor + 1, stage: 'start', tries: 0, commandId: null, stepDeadline: null, waiting: null };
}

function giveUpOnAgent(run: Run, { session }: Facts): void {
  run.unfit = run.generation ?? session.generation;
}

/** What goes wrong while a failed run tidies up comes after why it failed. */
function endWith(reduction: Reduction, reason: string, fault?: Fault): Reduction {
  const { failing } = reduction.run;
  if (!failing) return end(reduction, reason, fault);
  return end(reduction, `${failing.reason}. ${sentence(reason)}`, failing.fault);
}

function end(reduction: Reduction, reason: string, fault?: Fault): Reduction {
  reduction.run.failing = { reason, ...(fault ? { fault } : {}) };
  reduction.run.waiting = null;
  reduction.effect = { kind: 'failed', reason };
  return reduction;
}
