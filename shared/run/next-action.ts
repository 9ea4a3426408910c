import { stateOf } from '../lifecycle/states.ts';
import type { Node } from '../node/node.ts';
import type { Fault, FlowName, Phase } from './run.ts';

const AGAIN: Partial<Record<FlowName, string>> = {
  deploy: 'start the deploy again or undeploy',
  rebuild: 'start the rebuild again or undeploy',
  verify: 'set the node to manage again',
  power: 'ask for the power state again',
};

/**
 * What an operator does about a run that fails in this state: a verb that the failed state has. A clean that an undeploy or a
 * provide brought along is not the verb's any more.
 */
export function nextAction(flow: FlowName, node: Pick<Node, 'provision_state'>, fault?: Fault): string {
  const first = fault ? 'end the maintenance, ' : '';
  if (stateOf(node.provision_state).group === 'clean') {
    return `${first}set the node to manage, then ${flow === 'clean' ? 'clean' : 'provide'} it again`;
  }
  // Aborted already: there is nothing left to abort.
  if (flow === 'service' && node.provision_state !== 'active') return `${first}start the service again, or abort`;
  return first + (AGAIN[flow] ?? `start the ${flow} again`);
}

/** The same, where the agent itself is stuck: on the fast track it would be used as it is. */
export const afterPowerCycle = (...given: Parameters<typeof nextAction>): string =>
  `power the machine off and on, then ${nextAction(...given)}`;

/** The same, where a person did not come in time. */
export const byHandThen = (...given: Parameters<typeof nextAction>): string =>
  `switch the machine by hand, then ${nextAction(...given)}; nodeless_deadlines in its driver_info give people longer`;

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A step that broke on the machine leaves it in an unknown condition: somebody must look before it is used again. */
export function faultOf(phase: Phase | undefined): Fault | undefined {
  if ((phase?.kind !== 'step' && phase?.kind !== 'driver-step') || phase.of === 'deploy') return undefined;
  return phase.of === 'clean' ? 'clean failure' : 'service failure';
}
