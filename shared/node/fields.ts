import { fieldOf, INTERFACE_KINDS } from '../drivers/interface-kinds.ts';
import { InvalidInput } from '../errors.ts';
import { boolean, described, isObject, logicalName, nullable, object, text, uuid } from '../resource/checks.ts';
import { type Field, type FieldRow, fieldTable } from '../resource/field.ts';
import { traitList } from '../resource/trait.ts';

const AMOUNTS = ['memory_mb', 'local_gb', 'cpus'];
const properties = described({ type: ['object', 'null'] }, (value, name) => {
  const checked = value === null ? {} : object(value, name);
  for (const key of AMOUNTS) {
    const amount = isObject(checked) ? checked[key] : undefined;
    if (amount === undefined || amount === null || /^\d+$/.test(String(amount))) continue;
    throw new InvalidInput(`${name}/${key} must be a non-negative integer, not ${JSON.stringify(amount)}`);
  }
  return checked;
});

const NETWORK_PARTS = ['links', 'networks', 'services'];
const networkData = described({ type: 'object' }, (value, name) => {
  const checked = object(value, name);
  const keys = isObject(checked) ? Object.keys(checked) : [];
  const complete = NETWORK_PARTS.every((part) => isObject(checked) && Array.isArray(checked[part]));
  if (keys.length > 0 && (!complete || keys.length > NETWORK_PARTS.length)) {
    throw new InvalidInput(`Invalid ${name}: expected the lists links, networks and services, or an empty object`);
  }
  return checked;
});

/** There is one virtual conductor, and it is in no group. */
const conductorGroup = described({ type: 'string', maxLength: 255 }, (value, name) => {
  const group = text()(value, name);
  if (group === '') return '';
  throw new InvalidInput(`No conductor serves the conductor group ${String(group).toLowerCase()}`);
});

/** Null is an empty object, as Ironic takes it. */
const dictionary = described({ type: ['object', 'null'] }, (value, name) =>
  value === null ? {} : object(value, name),
);

const string = nullable(text());
/** Of fields that nobody sets: what they are, for the API's description. */
const said = nullable(text({ max: 65_536 }));
/** No reset: cannot be removed. */
const MANDATORY = undefined;

// biome-ignore format: a table reads best with its columns aligned
const ROWS: readonly FieldRow[] = [
  ['uuid',                   1,   'c',  uuid],
  ['name',                   5,   'cp', nullable(logicalName), null],
  ['driver',                 1,   'cp', text({ min: 1 }), MANDATORY],
  ['driver_info',            1,   'cp', dictionary, {}],
  ['driver_internal_info',   3,   '',   object],
  ['properties',             1,   'cp', properties, {}],
  ['instance_info',          1,   'cp', dictionary, {}],
  ['instance_uuid',          1,   'cp', nullable(uuid), null],
  ['instance_name',          104, 'cp', nullable(text({ min: 1 })), null],
  ['extra',                  1,   'cp', dictionary, {}],
  ['chassis_uuid',           1,   'cp', nullable(uuid), null],
  ['created_at',             1,   ''],
  ['updated_at',             1,   ''],
  ['provision_state',        1,   '',   said],
  ['target_provision_state', 1,   '',   said],
  ['provision_updated_at',   1,   ''],
  ['power_state',            1,   '',   said],
  ['target_power_state',     1,   '',   said],
  ['last_error',             1,   '',   said],
  ['maintenance',            1,   'cp', boolean, MANDATORY],
  ['maintenance_reason',     1,   '',   said],
  ['fault',                  42,  '',   said],
  ['reservation',            1,   '',   said],
  ['console_enabled',        1,   'c',  boolean],
  ['inspection_started_at',  6,   ''],
  ['inspection_finished_at', 6,   ''],
  ['clean_step',             7,   '',   object],
  ['raid_config',            12,  '',   object],
  ['target_raid_config',     12,  '',   object],
  ['resource_class',         21,  'cp', nullable(text({ max: 80 })), null],
  ['traits',                 37,  '',   traitList],
  ['deploy_step',            44,  '',   object],
  ['conductor_group',        46,  'cp', conductorGroup, ''],
  ['automated_clean',        47,  'cp', nullable(boolean), null],
  ['protected',              48,  'p',  boolean, false],
  ['protected_reason',       48,  'p',  string, null],
  ['conductor',              49,  '',   said],
  ['owner',                  50,  'cp', string, null],
  ['description',            51,  'cp', nullable(text({ max: 4096 })), null],
  ['allocation_uuid',        52,  '',   nullable(uuid)],
  ['retired',                61,  'cp', boolean, false],
  ['retired_reason',         61,  'cp', string, null],
  ['lessee',                 65,  'cp', string, null],
  ['network_data',           66,  'cp', networkData, {}],
  ['boot_mode',              75,  'c',  string],
  ['secure_boot',            75,  'c',  nullable(boolean)],
  ['shard',                  82,  'cp', string, null],
  ['parent_node',            83,  'cp', string, null],
  ['service_step',           87,  '',   object],
  ['disable_power_off',      95,  'cp', boolean, false],
  ['health',                 109, '',   said],
];

/** First microversion of the interface fields; those that are not here came with 1.31. */
const INTERFACE_SINCE: Record<string, number> = { network: 20, storage: 33, rescue: 38, bios: 40, firmware: 86 };

export const NODE_FIELDS: readonly Field[] = fieldTable([
  ...ROWS,
  // `remove` leaves null, which means the driver's default.
  ...INTERFACE_KINDS.map(
    ({ kind }): FieldRow => [fieldOf(kind), INTERFACE_SINCE[kind] ?? 31, 'cp', nullable(text({ min: 1 })), null],
  ),
]);

/** Link lists of a node, with the version that shows each. */
export const NODE_LINKS: readonly { name: string; since: number }[] = [
  { name: 'ports', since: 1 },
  { name: 'states', since: 14 },
  { name: 'portgroups', since: 24 },
  { name: 'volume', since: 32 },
];

export const UNSORTABLE: readonly string[] = [
  'properties',
  'driver_info',
  'extra',
  'instance_info',
  'driver_internal_info',
  'clean_step',
  'deploy_step',
  'service_step',
  'raid_config',
  'target_raid_config',
  'traits',
  'network_data',
  'conductor',
];
export const LIST_FIELDS: readonly string[] = [
  'uuid',
  'name',
  'instance_uuid',
  'power_state',
  'provision_state',
  'maintenance',
];
