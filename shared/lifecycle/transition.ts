import { Conflict, InvalidInput } from '../errors.ts';
import type { Node } from '../node/node.ts';
import { stateOf } from './states.ts';
import { type Transition, transitionFrom, verbsFrom } from './transitions.ts';

export interface Given {
  /** ISO 8601. */
  at: string;
  /** What went wrong, for `fail` and `abort`. */
  error?: string;
  /** Set when steps were running: maintenance goes on until someone looked. */
  fault?: 'clean failure' | 'service failure' | 'rescue abort failure';
}

/** Who holds the node while Nodeless works on it: there is one virtual conductor. */
export const HOLDER = 'nodeless';

/** The row of the table, or the refusal that tells a client whether to retry (T17). */
export function findTransition(node: Node, event: string, by?: Transition['by']): Transition {
  const row = transitionFrom(node.provision_state, event);
  if (row !== undefined && (by === undefined || row.by === by)) return row;
  if (node.reservation !== null) {
    throw new Conflict(
      `Node ${node.uuid} is locked by host ${node.reservation}, please retry after the current operation is completed.`,
    );
  }
  const state = node.provision_state;
  throw new InvalidInput(
    `The requested action "${event}" can not be performed on node "${node.uuid}" while it is in state "${state}". ${next(state)}`,
  );
}

function next(state: string): string {
  const verbs = verbsFrom(state);
  return verbs.length > 0
    ? `Possible there: ${verbs.join(', ')}.`
    : 'Nothing is possible there but to wait until it ends.';
}

/** The only writer of `provision_state`, and of all that Ironic ties to it. Pure: the caller stores the result. */
export function transition(node: Node, event: string, given: Given): Node {
  const row = findTransition(node, event);
  const to = stateOf(row.to);
  const from = stateOf(row.from);
  const handedOn = from.group === to.group ? node.target_provision_state : null;
  return {
    ...node,
    provision_state: to.name,
    target_provision_state: to.class === 'stable' ? null : (row.target ?? handedOn ?? to.target),
    provision_updated_at: given.at,
    reservation: to.class === 'busy' ? HOLDER : null,
    last_error: lastError(node, row, given),
    ...(to.class === 'stable' ? { clean_step: {}, deploy_step: {}, service_step: {} } : {}),
    ...sideEffects(row, given),
  };
}

/** A new operation starts without the error of the last one; a failure or an abort says why. */
function lastError(node: Node, row: Transition, given: Given): string | null {
  if (row.event === 'fail') return given.error ?? `Failed while ${row.from}`;
  if (row.event === 'abort') return given.error ?? `The operation in state ${row.from} was aborted by an operator`;
  return row.by === 'operator' && row.event !== 'unhold' ? null : node.last_error;
}

/** What clients rely on beside the state itself (operator-api.md §4.5). */
function sideEffects(row: Transition, given: Given): Partial<Node> {
  const changes: Partial<Node> = {};
  // The instance is gone when its teardown ends, before cleaning: a failed clean must not show it again.
  if (row.from === 'deleting' && row.event === 'clean') {
    Object.assign(changes, { instance_info: {}, instance_uuid: null, instance_name: null, allocation_uuid: null });
  }
  if (row.event === 'inspect')
    Object.assign(changes, { inspection_started_at: given.at, inspection_finished_at: null });
  if (row.event === 'done' && row.from.startsWith('inspect')) {
    Object.assign(changes, { inspection_started_at: null, inspection_finished_at: given.at });
  }
  if (row.event === 'fail' && given.fault !== undefined) {
    Object.assign(changes, { maintenance: true, fault: given.fault, maintenance_reason: given.error ?? given.fault });
  }
  return changes;
}
