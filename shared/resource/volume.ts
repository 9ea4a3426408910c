import { InvalidInput } from '../errors.ts';
import { described, nullable, object, text, uuid } from './checks.ts';
import { fieldTable } from './field.ts';
import type { Resource } from './resource.ts';

const SINCE = 32;
const bootIndex = described({ type: 'integer' }, (value, name) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new InvalidInput(`Schema error for ${name}: expected a whole number`);
});

const both = {
  gates: { read: [SINCE, 404], write: [SINCE, 404] },
  filters: { node: ['string', SINCE] },
  detailSince: SINCE,
} as const;

export const VOLUME_CONNECTOR: Resource = {
  ...both,
  kind: 'volume_connector',
  noun: 'volume connector',
  collection: 'connectors',
  path: 'volume/connectors',
  param: 'connector',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',         SINCE, 'c',  uuid],
    ['node_uuid',    SINCE, 'cp', uuid],
    ['type',         SINCE, 'cp', text({ max: 32 })],
    ['connector_id', SINCE, 'cp', text({ min: 1 })],
    ['extra',        SINCE, 'cp', object, {}],
    ['created_at',   SINCE, ''],
    ['updated_at',   SINCE, ''],
  ]),
  short: ['uuid', 'node_uuid', 'type', 'connector_id'],
  mandatory: ['node_uuid', 'type', 'connector_id'],
  unsortable: ['extra'],
  unique: [['type', 'connector_id']],
};

export const VOLUME_TARGET: Resource = {
  ...both,
  kind: 'volume_target',
  noun: 'volume target',
  collection: 'targets',
  path: 'volume/targets',
  param: 'target',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',        SINCE, 'c',  uuid],
    ['node_uuid',   SINCE, 'cp', uuid],
    ['volume_type', SINCE, 'cp', text({ min: 1, max: 64 })],
    ['volume_id',   SINCE, 'cp', text({ min: 1 })],
    ['boot_index',  SINCE, 'cp', bootIndex],
    ['properties',  SINCE, 'cp', nullable(object), {}],
    ['extra',       SINCE, 'cp', object, {}],
    ['created_at',  SINCE, ''],
    ['updated_at',  SINCE, ''],
  ]),
  short: ['uuid', 'node_uuid', 'volume_type', 'volume_id', 'boot_index'],
  mandatory: ['node_uuid', 'volume_type', 'volume_id', 'boot_index'],
  unsortable: ['extra', 'properties'],
  masked: ['properties'],
  unique: [['node_uuid', 'boot_index']],
};
