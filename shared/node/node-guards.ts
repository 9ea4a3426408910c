import { Conflict, Forbidden, InvalidInput } from '../errors.ts';
import { stateOf } from '../lifecycle/states.ts';
import { HOLDER } from '../lifecycle/transition.ts';
import type { Operation } from '../resource/patch.ts';
import type { Node } from './node.ts';

/** An operator's switch, or the tear-down after an abort, holds a node at rest as long as it takes, a minute or three. */
export function refuseLocked(node: Node): void {
  const going = node.run !== null && node.run.ended === null;
  const atRest = ['stable', 'failure'].includes(stateOf(node.provision_state).class);
  const holder = node.reservation ?? (going && atRest ? HOLDER : null);
  if (holder === null) return;
  throw new Conflict(
    `Node ${node.uuid} is locked by host ${holder}, please retry after the current operation is completed.`,
  );
}

/** Before a PATCH is looked at (operator-api.md §2.4). */
export function guardPatch(node: Node, operations: readonly Operation[], minor: number): void {
  const [only, ...more] = operations;
  const releases = more.length === 0 && only?.op === 'remove' && only.path.join('/') === 'instance_uuid';
  if (releases && node.maintenance) return;
  if (node.target_provision_state !== null && !stateOf(node.provision_state).editable) {
    throw new Conflict(
      `Node ${node.uuid} can not be updated while a state transition is in progress (${node.provision_state}). ` +
        'Wait until it has ended, or end it with a verb of that state.',
    );
  }
  if (node.provision_state === 'inspecting' && minor >= 39) {
    throw new Conflict(`Node ${node.uuid} can not be updated while it is being inspected.`);
  }
  refuseLocked(node);
}

interface Rule {
  readonly broken: (before: Node, after: Node) => boolean;
  readonly refuse: (node: Node) => Error;
}

const PROTECTABLE = ['active', 'rescue'];

/** What a node must not become, whatever the patch looked like. */
const RULES: readonly Rule[] = [
  {
    broken: (before, after) =>
      before.instance_uuid !== null && after.instance_uuid !== null && before.instance_uuid !== after.instance_uuid,
    refuse: (node) => new Conflict(`Node ${node.uuid} is associated with instance ${node.instance_uuid}.`),
  },
  {
    broken: (before, after) =>
      before.resource_class !== null &&
      before.resource_class !== after.resource_class &&
      !stateOf(before.provision_state).rewirable,
    refuse: (node) =>
      new Conflict(`Node ${node.uuid} can not have resource_class updated in state ${node.provision_state}.`),
  },
  {
    broken: (before, after) => after.retired && !before.retired && before.provision_state === 'available',
    refuse: (node) => new Conflict(`Node ${node.uuid} can not be retired in state available.`),
  },
  {
    broken: (before, after) => after.protected && !before.protected && !PROTECTABLE.includes(before.provision_state),
    refuse: (node) => new Conflict(`Node ${node.uuid} can not be protected in state ${node.provision_state}.`),
  },
  {
    broken: (_before, after) => !after.protected && after.protected_reason !== null,
    refuse: () => new InvalidInput('The protected_reason field can only be set when protected is true.'),
  },
  {
    broken: (_before, after) => !after.retired && after.retired_reason !== null,
    refuse: () => new InvalidInput('The retired_reason field can only be set when retired is true.'),
  },
  {
    broken: (before, after) => before.console_enabled && before.driver !== after.driver,
    refuse: (node) => new Conflict(`The driver of node ${node.uuid} can not change while its console is enabled.`),
  },
];

export function guardChange(before: Node, after: Node): void {
  const broken = RULES.find((rule) => rule.broken(before, after));
  if (broken !== undefined) throw broken.refuse(before);
}

/** Interfaces that a patch names may change in quiet states only. */
export function guardInterfaces(node: Node, touched: readonly string[]): void {
  const field = touched.find((name) => name.endsWith('_interface'));
  if (field === undefined || node.maintenance || stateOf(node.provision_state).rewirable) return;
  throw new Conflict(`Node ${node.uuid} can not have ${field} updated in state ${node.provision_state}.`);
}

/** Maintenance overrides state and instance, never `protected` (T22). */
export function guardDelete(node: Node): void {
  refuseLocked(node);
  if (node.protected) throw new Forbidden(`Node ${node.uuid} is protected.`);
  if (node.maintenance) return;
  if (node.instance_uuid !== null) {
    throw new Conflict(`Node ${node.uuid} is associated with instance ${node.instance_uuid}.`);
  }
  if (!stateOf(node.provision_state).deletable) {
    throw new Conflict(
      `Can not delete node ${node.uuid} while it is in provision state ${node.provision_state}. ` +
        'Bring it to a state of rest first, or set maintenance to delete it as it is.',
    );
  }
}
