import { boolean, logicalName, mac, nullable, object, text, uuid } from './checks.ts';
import { fieldTable } from './field.ts';
import type { Resource } from './resource.ts';

export const PORTGROUP: Resource = {
  kind: 'portgroup',
  noun: 'port group',
  collection: 'portgroups',
  path: 'portgroups',
  param: 'portgroup',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',                       1,   'c',  uuid],
    ['address',                    1,   'cp', nullable(mac), null],
    ['name',                       1,   'cp', nullable(logicalName), null],
    ['node_uuid',                  1,   'cp', uuid],
    ['extra',                      1,   'cp', object, {}],
    ['internal_info',              1,   '',   object, {}],
    ['mode',                       26,  'cp', text({ min: 1 })],
    ['properties',                 26,  'cp', object, {}],
    ['standalone_ports_supported', 1,   'cp', boolean, true],
    ['physical_network',           102, 'cp', nullable(text({ max: 64 })), null],
    ['category',                   103, 'cp', nullable(text({ max: 80 })), null],
    ['dynamic_portgroup',          111, '',   boolean, false],
    ['created_at',                 1,   ''],
    ['updated_at',                 1,   ''],
  ]),
  short: ['uuid', 'address', 'name'],
  mandatory: ['node_uuid'],
  unsortable: ['extra', 'internal_info', 'properties'],
  unique: [['name'], ['address']],
  namedSince: 23,
  gates: { read: [23, 404], write: [23, 404] },
  filters: { node: ['string', 23], address: ['mac', 23], shard: ['list', 82], conductor_groups: ['list', 99] },
  detailSince: 43,
  children: [['ports', 23]],
};
