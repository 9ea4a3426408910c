import { stateOf } from '../lifecycle/states.ts';
import { transition } from '../lifecycle/transition.ts';
import { transitionFrom } from '../lifecycle/transitions.ts';
import type { NewEvent, Node } from '../node/node.ts';
import { phaseName } from './outcome.ts';
import type { Reduction } from './reduce.ts';
import type { Fault, Run } from './run.ts';

/** A reduction written onto the node: fields, run, and the state that goes with the effect. Pure. */
export function land(node: Node, reduction: Reduction, at: string): { node: Node; events: NewEvent[] } {
  const { effect } = reduction;
  let next: Node = { ...node, ...reduction.node, run: reduction.run };
  const events = [...reduction.events];
  const go = (event: string, given: { error?: string; fault?: Fault } = {}) => {
    if (!transitionFrom(next.provision_state, event)) return;
    const from = next.provision_state;
    next = transition(next, event, { at, ...given });
    events.push(stateEvent(from, next, reason(effect)));
  };
  // Work goes on: out of the wait state, unless all that happens is another look at the agent's list.
  const looksOnly = effect.kind === 'exchange' && effect.request.to === 'agent' && effect.request.command === 'list';
  if (effect.kind === 'done' || reduction.lifecycle.length > 0 || (effect.kind === 'exchange' && !looksOnly)) {
    if (stateOf(next.provision_state).class === 'wait') go('resume');
  }
  for (const event of reduction.lifecycle) go(event);
  const run = reduction.run;
  switch (effect.kind) {
    case 'wait-beat':
      go('wait');
      break;
    case 'hold':
      go('hold');
      break;
    case 'done':
      if (!run.ended) {
        go(next.provision_state === 'cleaning' && next.target_provision_state === 'manageable' ? 'manage' : 'done');
        next.run = { ...scrubbed(run), waiting: null, ended: { result: 'done', reason: null, at } };
        events.push(endEvent(next, run, null));
      }
      break;
    case 'failed':
      if (!run.ended) {
        const fault = run.failing?.fault;
        go('fail', { error: effect.reason, ...(fault ? { fault } : {}) });
        next = {
          ...next,
          last_error: effect.reason,
          target_power_state: null,
          run: { ...scrubbed(run), waiting: null, ended: { result: 'failed', reason: effect.reason, at } },
        };
        events.push(endEvent(next, run, effect.reason));
      }
      break;
    default:
      break;
  }
  next = { ...next, ...stepFields(next) };
  return { node: next, events };
}

/** What a command was given may be a password: nobody needs it when the run has ended. */
function scrubbed(run: Run): Run {
  return { ...run, phases: run.phases.map((phase) => (phase.kind === 'command' ? { ...phase, params: {} } : phase)) };
}

/** `deploy_step` and its sisters show what is going on; clients print them. */
function stepFields(node: Node): Partial<Node> {
  const run = node.run;
  const phase = run && !run.ended ? run.phases[run.cursor] : undefined;
  const { of, step } = phase?.kind === 'step' || phase?.kind === 'driver-step' ? phase : {};
  const shown = step ? { interface: step['interface'] ?? null, step: step['step'] ?? null } : {};
  return {
    deploy_step: of === 'deploy' ? shown : {},
    clean_step: of === 'clean' ? shown : {},
    service_step: of === 'service' ? shown : {},
  };
}

/** Why the state changes, where there is more to say than that work goes on. */
function reason(effect: Reduction['effect']): string | null {
  if (effect.kind === 'failed') return effect.reason;
  return effect.kind === 'wait-beat' || effect.kind === 'hold' ? `waits for ${effect.for}` : null;
}

function stateEvent(from: string, node: Node, why: string | null): NewEvent {
  const { run, target_provision_state: target } = node;
  const to = node.provision_state;
  const failed = stateOf(to).class === 'failure' || to === 'error';
  return {
    event_type: 'transition',
    event: why === null ? `${from} → ${to}` : `${from} → ${to}: ${why}`,
    severity: failed ? 'ERROR' : 'INFO',
    user: 'run',
    detail: { run: run?.id ?? null, step: run ? phaseName(run.phases[run.cursor]) : null, from, to, target },
  };
}

/** The last word on a run: with what result, how long it took, and where the ramdisk's logs are. */
function endEvent(node: Node, run: Run, failure: string | null): NewEvent {
  const result = failure === null ? 'done' : 'failed';
  const logs = run.logs === undefined ? '' : ` (logs of the ramdisk: document ${run.logs})`;
  return {
    event_type: 'run',
    event: `${run.flow} ${result}${failure === null ? '' : `: ${failure}`}${logs}`,
    severity: failure === null ? 'INFO' : 'ERROR',
    user: 'run',
    detail: {
      run: run.id,
      flow: run.flow,
      result,
      reason: failure,
      logs: run.logs ?? null,
      to: node.provision_state,
      target: node.target_provision_state,
    },
  };
}
