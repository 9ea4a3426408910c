import { InvalidInput } from '../errors.ts';
import { boolean, described, isMac, mac, nullable, object, objectWith, text, uuid } from '../resource/checks.ts';
import { type Field, fieldTable } from '../resource/field.ts';
import { type Arguments, PAGING } from '../resource/query.ts';

const CONNECTION_KEYS = ['port_id', 'switch_id', 'switch_info', 'hostname', 'network_type'];
/** Any of these sets makes a connection complete. */
const COMPLETE: readonly string[][] = [['port_id', 'switch_id'], ['port_id', 'hostname'], ['network_type']];
const DATAPATH_ID = /^[0-9a-f]{16}$/i;

/** `switch_id` is a MAC (stored lower-case) or an OpenFlow datapath id. */
const localLinkConnection = described({ type: 'object' }, (value, name) => {
  const given = objectWith(value, CONNECTION_KEYS, name);
  if (Object.keys(given).length === 0) return given;
  if (!COMPLETE.some((keys) => keys.every((key) => Object.hasOwn(given, key)))) {
    throw new InvalidInput(`${name}: needs port_id and switch_id, port_id and hostname, or network_type`);
  }
  if (given.network_type !== undefined && given.network_type !== 'managed' && given.network_type !== 'unmanaged') {
    throw new InvalidInput(`${name}: network_type is managed or unmanaged`);
  }
  const { switch_id: id } = given;
  if (id === undefined) return given;
  if (!isMac(id) && !(typeof id === 'string' && DATAPATH_ID.test(id))) {
    throw new InvalidInput(`${name}: switch_id must be a MAC address or a datapath id`);
  }
  return { ...given, switch_id: id.toLowerCase() };
});

// biome-ignore format: a table reads best with its columns aligned
export const PORT_FIELDS = fieldTable([
  ['uuid',                            1,   'c',  uuid],
  ['address',                         1,   'cp', mac],
  ['node_uuid',                       1,   'cp', uuid],
  ['extra',                           1,   'cp', object, {}],
  ['internal_info',                   18,  '',   object],
  ['local_link_connection',           19,  'cp', localLinkConnection, {}],
  ['pxe_enabled',                     19,  'cp', boolean, true],
  ['portgroup_uuid',                  24,  'cp', nullable(uuid), null],
  ['physical_network',                34,  'cp', nullable(text({ min: 1, max: 64 })), null],
  ['is_smartnic',                     53,  'cp', boolean, false],
  ['name',                            88,  'cp', nullable(text({ min: 1 })), null],
  ['description',                     97,  'cp', nullable(text()), null],
  ['vendor',                          100, 'cp', nullable(text({ max: 32 })), null],
  ['category',                        101, 'cp', nullable(text({ max: 80 })), null],
  ['available_for_dynamic_portgroup', 111, 'cp', boolean, true],
  ['created_at',                      1,   ''],
  ['updated_at',                      1,   ''],
]);

/** Accepted, never shown: another way to name the node. */
export const NODE_IDENT: Field = {
  name: 'node_ident',
  since: 94,
  create: true,
  patch: true,
  check: text({ min: 1 }),
  reset: undefined,
};

const FILTERED: Arguments = {
  node: ['string', 6],
  node_uuid: ['uuid', 1],
  address: ['mac', 1],
  portgroup: ['string', 24],
  shard: ['list', 82],
  conductor_groups: ['list', 99],
  description_contains: ['string', 97],
};
export const PORT_FILTERS: readonly string[] = Object.keys(FILTERED);
/** What of a port these filters look at. */
export const PORT_FILTER_PARTS = ['node_uuid', 'address', 'portgroup_uuid', 'description'] as const;
/** Query keys of `GET /v1/ports/detail`. */
export const PORT_DETAIL_ARGUMENTS: Arguments = { ...PAGING, ...FILTERED };
export const PORT_ARGUMENTS: Arguments = { ...PORT_DETAIL_ARGUMENTS, fields: ['list', 8], detail: ['boolean', 43] };

export const UNSORTABLE_PORT_FIELDS: readonly string[] = ['extra', 'internal_info', 'local_link_connection'];
/** Wiring: frozen unless the node's state or maintenance allows it. */
export const WIRING: readonly string[] = ['pxe_enabled', 'local_link_connection', 'physical_network', 'portgroup_uuid'];
