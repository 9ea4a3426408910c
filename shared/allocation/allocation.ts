import { InvalidInput } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { described, logicalName, nullable, object, text, uuid } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Resource } from '../resource/resource.ts';
import type { Stored, UniqueValue } from '../resource/resource-store.ts';
import { traitList } from '../resource/trait.ts';

/** A wish for a node, and the node that it got (operator-api.md §2.7). */
export interface Allocation extends Stored {
  name: string | null;
  resource_class: string | null;
  state: 'allocating' | 'active' | 'error';
  node_uuid: string | null;
  /** UUIDs; empty = any node. */
  candidate_nodes: string[];
  traits: string[];
  extra: JsonObject;
  last_error: string | null;
  owner: string | null;
}

const identList = described({ type: 'array', items: { type: 'string', minLength: 1 } }, (value, name) => {
  if (!Array.isArray(value) || !value.every((ident) => typeof ident === 'string' && ident !== '')) {
    throw new InvalidInput(`${name} must be a list of nodes`);
  }
  return value;
});

// biome-ignore format: a table reads best with its columns aligned
export const ALLOCATION_FIELDS = fieldTable([
  ['uuid',            52, 'c',  uuid],
  ['name',            52, 'cp', nullable(logicalName), null],
  ['resource_class',  52, 'c',  nullable(text({ min: 1, max: 80 }))],
  ['state',           52, '',   text(), 'allocating'],
  ['node_uuid',       52, '',   nullable(uuid)],
  ['candidate_nodes', 52, 'c',  identList, []],
  ['traits',          52, 'c',  traitList, []],
  ['extra',           52, 'cp', object, {}],
  ['last_error',      52, '',   nullable(text())],
  ['owner',           60, 'c',  nullable(text())],
  ['created_at',      52, ''],
  ['updated_at',      52, ''],
]);

/** In a POST only: fills in the node that is there already. */
export const NODE_FIELD = fieldTable([['node', 58, 'c', text({ min: 1 })]]);

export const ALLOCATION: Resource = {
  kind: 'allocation',
  noun: 'allocation',
  collection: 'allocations',
  path: 'allocations',
  param: 'allocation',
  fields: ALLOCATION_FIELDS,
  short: ALLOCATION_FIELDS.map(({ name }) => name),
  mandatory: [],
  unsortable: ['extra', 'candidate_nodes', 'traits'],
  unique: [['name']],
  namedSince: 52,
  gates: { read: [52, 404], write: [52, 405] },
  filters: { node: ['string', 52], resource_class: ['string', 52], state: ['string', 52], owner: ['string', 60] },
};

export function allocationNames({ name }: Pick<Allocation, 'name'>): UniqueValue[] {
  return name === null ? [] : [{ kind: 'allocation_name', value: name }];
}
