import { stateOf } from '../lifecycle/states.ts';
import { transition } from '../lifecycle/transition.ts';
import { transitionFrom } from '../lifecycle/transitions.ts';
import type { Node } from '../node/node.ts';
import type { NewEvent } from '../node/node-store.ts';
import { phaseName } from './outcome.ts';
import type { Reduction } from './reduce.ts';
import type { Run } from './run.ts';

/** A reduction written onto the node: fields, run, and the state that goes with the effect. Pure. */
export function land(node: Node, reduction: Reduction, at: string): { node: Node; events: NewEvent[] } {
  const { effect } = reduction;
  let next: Node = { ...node, ...reduction.node, run: reduction.run };
  const go = (event: string, given: { error?: string; fault?: Fault } = {}) => {
    if (transitionFrom(next.provision_state, event)) next = transition(next, event, { at, ...given });
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
    case 'done':
      if (!run.ended) {
        go(next.provision_state === 'cleaning' && next.target_provision_state === 'manageable' ? 'manage' : 'done');
        next.run = { ...scrubbed(run), waiting: null, ended: { result: 'done', reason: null, at } };
      }
      break;
    case 'failed':
      if (!run.ended) {
        go('fail', { error: effect.reason, ...faultOf(run) });
        next = {
          ...next,
          last_error: effect.reason,
          target_power_state: null,
          run: { ...scrubbed(run), waiting: null, ended: { result: 'failed', reason: effect.reason, at } },
        };
      }
      break;
    default:
      break;
  }
  next = { ...next, ...stepFields(next) };
  return { node: next, events: [...reduction.events, ...stateEvents(node, next, effect.kind === 'failed')] };
}

/** What a command was given may be a password: nobody needs it when the run has ended. */
function scrubbed(run: Run): Run {
  return { ...run, phases: run.phases.map((phase) => (phase.kind === 'command' ? { ...phase, params: {} } : phase)) };
}

type Fault = 'clean failure' | 'service failure';

/** A step that broke on the machine leaves it in an unknown condition: somebody must look before it is used again. */
function faultOf(run: Run): { fault?: Fault } {
  const phase = run.phases[run.cursor];
  if (phase?.kind !== 'step' || phase.of === 'deploy') return {};
  return { fault: phase.of === 'clean' ? 'clean failure' : 'service failure' };
}

/** `deploy_step` and its sisters show what is going on; clients print them. */
function stepFields(node: Node): Partial<Node> {
  const run = node.run;
  const phase = run && !run.ended ? run.phases[run.cursor] : undefined;
  const shown =
    phase?.kind === 'step' ? { interface: phase.step['interface'] ?? null, step: phase.step['step'] ?? null } : {};
  const of = phase?.kind === 'step' ? phase.of : undefined;
  return {
    deploy_step: of === 'deploy' ? shown : {},
    clean_step: of === 'clean' ? shown : {},
    service_step: of === 'service' ? shown : {},
  };
}

function stateEvents(before: Node, after: Node, failed: boolean): NewEvent[] {
  if (before.provision_state === after.provision_state) return [];
  const run = after.run;
  const text = `${before.provision_state} → ${after.provision_state}`;
  return [
    {
      event_type: 'transition',
      event: failed && after.last_error ? `${text}: ${after.last_error}` : text,
      severity: failed ? 'ERROR' : 'INFO',
      user: 'run',
      detail: { run: run?.id ?? null, step: run ? phaseName(run.phases[run.cursor]) : null },
    },
  ];
}
