import { nullable, object, text, uuid } from './checks.ts';
import { fieldTable } from './field.ts';
import type { Resource } from './resource.ts';

export const CHASSIS: Resource = {
  kind: 'chassis',
  noun: 'chassis',
  collection: 'chassis',
  path: 'chassis',
  param: 'chassis',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',        1, 'c',  uuid],
    ['description', 1, 'cp', nullable(text()), null],
    ['extra',       1, 'cp', object, {}],
    ['created_at',  1, ''],
    ['updated_at',  1, ''],
  ]),
  short: ['uuid', 'description'],
  mandatory: [],
  unsortable: ['extra'],
  unique: [],
  gates: { read: [1, 404], write: [1, 404] },
  filters: {},
  detailSince: 43,
  children: [['nodes', 1, true]],
};
