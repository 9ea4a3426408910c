import { Conflict } from '../errors.ts';
import { stateOf } from '../lifecycle/states.ts';
import type { Node } from '../node/node.ts';
import { refuseLocked } from '../node/node-guards.ts';
import type { Allocation } from './allocation.ts';

/** The node as the allocation's: the template steps of a deploy follow the traits that were asked for. */
export function claimed(node: Node, { uuid, traits }: Pick<Allocation, 'uuid' | 'traits'>): Node {
  return {
    ...node,
    instance_uuid: uuid,
    allocation_uuid: uuid,
    instance_info: { ...node.instance_info, traits },
  };
}

export function released(node: Node): Node {
  const { traits: _traits, ...info } = node.instance_info;
  return { ...node, instance_uuid: null, allocation_uuid: null, instance_info: info };
}

/** A change that took the instance away ends the allocation, where it may end. Otherwise the change as it is. */
export function freed(before: Node, after: Node): Node {
  if (before.allocation_uuid === null || after.instance_uuid !== null) return after;
  if (!before.maintenance) guardRelease(before);
  return released(after);
}

/** Maintenance overrides everything but a run that is going on. */
export function guardRelease(node: Node): void {
  refuseLocked(node);
  if (node.maintenance) return;
  const busy = node.target_provision_state !== null && !stateOf(node.provision_state).editable;
  if (busy || node.provision_state === 'active') {
    throw new Conflict(
      `Cannot remove the allocation of node ${node.uuid} while the node is in state ${node.provision_state}.`,
    );
  }
}

/** A node can be filled in when an instance runs on it that nobody allocated. */
export function guardBackfill(node: Node, wish: Pick<Allocation, 'uuid' | 'resource_class' | 'traits'>): void {
  if (node.allocation_uuid !== null && node.allocation_uuid !== wish.uuid) {
    throw new Conflict(`Node ${node.uuid} is associated with allocation ${node.allocation_uuid}.`);
  }
  if (node.instance_uuid !== null && node.instance_uuid !== wish.uuid) {
    throw new Conflict(`Node ${node.uuid} is associated with instance ${node.instance_uuid}.`);
  }
  if (node.provision_state !== 'active') {
    throw new Conflict(`Node ${node.uuid} must be active to be filled in, it is ${node.provision_state}.`);
  }
  if (node.resource_class !== wish.resource_class) {
    throw new Conflict(`Node ${node.uuid} has resource class ${node.resource_class}, not ${wish.resource_class}.`);
  }
  const missing = wish.traits.filter((trait) => !node.traits.includes(trait));
  if (missing.length > 0) throw new Conflict(`Node ${node.uuid} lacks the traits ${missing.join(', ')}.`);
}
