import { InvalidInput } from '../errors.ts';
import { isState } from '../lifecycle/states.ts';
import { HOLDER } from '../lifecycle/transition.ts';
import { type Arguments, contains, PAGING, type Values } from '../resource/query.ts';
import type { Node } from './node.ts';

const FILTERS: Arguments = {
  instance_uuid: ['uuid', 1],
  chassis_uuid: ['uuid', 1],
  associated: ['boolean', 1],
  maintenance: ['boolean', 1],
  retired: ['boolean', 61],
  provision_state: ['string', 9],
  driver: ['string', 16],
  resource_class: ['string', 21],
  fault: ['string', 42],
  conductor_group: ['string', 46],
  conductor: ['string', 49],
  owner: ['string', 50],
  lessee: ['string', 65],
  project: ['string', 50],
  description_contains: ['string', 51],
  shard: ['list', 82],
  sharded: ['boolean', 82],
  include_children: ['boolean', 83],
  parent_node: ['string', 83],
  instance_name: ['string', 104],
};

export const NODE_FILTERS: readonly string[] = Object.keys(FILTERS);

/** Query keys of `GET /v1/nodes/detail`. */
export const NODE_DETAIL_ARGUMENTS: Arguments = { ...PAGING, ...FILTERS };
export const NODE_LIST_ARGUMENTS: Arguments = {
  ...NODE_DETAIL_ARGUMENTS,
  fields: ['list', 8],
  detail: ['boolean', 43],
};

const FAULTS = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'];
const EQUAL = [
  'instance_uuid',
  'chassis_uuid',
  'provision_state',
  'driver',
  'resource_class',
  'owner',
  'lessee',
  'instance_name',
] as const;
const SAME = ['maintenance', 'retired'] as const;

/** What of a node these filters look at. */
export const NODE_FILTER_PARTS = [
  ...EQUAL,
  ...SAME,
  'fault',
  'conductor_group',
  'description',
  'shard',
  'parent_node',
] as const satisfies readonly (keyof Node)[];

/** Whether a node belongs to a list with these filters. `parent` = the uuid that `parent_node` named. */
export function nodeFilter(values: Values, parent: string | undefined): (node: Node) => boolean {
  const state = values.string('provision_state');
  if (state !== undefined && !isState(state)) throw new InvalidInput(`Provision state "${state}" is not valid`);
  const fault = values.string('fault');
  if (fault !== undefined && !FAULTS.includes(fault)) throw new InvalidInput(`Unrecognized fault "${fault}"`);
  const tests: ((node: Node) => boolean)[] = [];
  const when = <T>(value: T | undefined, test: (node: Node, value: T) => boolean) => {
    if (value !== undefined) tests.push((node) => test(node, value));
  };
  for (const key of EQUAL) when(values.string(key), (node, value) => node[key] === value);
  for (const key of SAME) when(values.boolean(key), (node, value) => node[key] === value);
  when(values.boolean('associated'), (node, value) => (node.instance_uuid !== null) === value);
  when(fault, (node, value) => node.fault === value);
  when(values.string('conductor_group'), (node, value) => node.conductor_group === value.toLowerCase());
  when(values.string('conductor'), (_node, value) => value === HOLDER);
  when(values.string('project'), (node, value) => node.owner === value || node.lessee === value);
  when(values.string('description_contains'), (node, value) => contains(node.description, value));
  when(values.list('shard'), (node, value) => node.shard !== null && value.includes(node.shard.toLowerCase()));
  when(values.boolean('sharded'), (node, value) => (node.shard !== null) === value);
  if (parent !== undefined) tests.push((node) => node.parent_node === parent);
  else if (values.boolean('include_children') !== true) tests.push((node) => node.parent_node === null);
  return (node) => tests.every((test) => test(node));
}
