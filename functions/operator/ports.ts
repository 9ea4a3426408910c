import { timestamp } from '../../shared/clock.ts';
import { ClaimTaken, Conflict, Forbidden, InvalidInput, NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { stateOf } from '../../shared/lifecycle/states.ts';
import { newPort } from '../../shared/node/new-node.ts';
import type { Node, Port } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import {
  NODE_IDENT,
  PORT_ARGUMENTS,
  PORT_DETAIL_ARGUMENTS,
  PORT_FIELDS,
  PORT_FILTER_PARTS,
  PORT_FILTERS,
  UNSORTABLE_PORT_FIELDS,
  WIRING,
} from '../../shared/node/port-fields.ts';
import { isUuid } from '../../shared/resource/checks.ts';
import { checkCreate } from '../../shared/resource/field.ts';
import { listPage, type Rows, rowsAsMade } from '../../shared/resource/listing.ts';
import { applyPatch, parsePatch } from '../../shared/resource/patch.ts';
import { PORTGROUP } from '../../shared/resource/portgroup.ts';
import { chosenFields, contains, parseQuery, type Values } from '../../shared/resource/query.ts';
import type { Item } from '../../shared/resource/resource.ts';
import { links, view } from '../../shared/resource/view.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode, ownerNode } from './find-node.ts';
import { findResource } from './resource-handlers.ts';

type Needs = Pick<Services, 'nodes' | 'ports' | 'resources' | 'clock' | 'ids'>;

const SHORT = ['uuid', 'address'];
const ACCEPTED = [...PORT_FIELDS, NODE_IDENT];

export function portHandlers(services: Needs): Record<string, Handler> {
  const { nodes, ports } = services;

  const list = async (request: ApiRequest, detail: boolean, path: string, of?: Node) => {
    const values = parseQuery(request.query, detail ? PORT_DETAIL_ARGUMENTS : PORT_ARGUMENTS, request.minor);
    const fields = chosenFields(values, PORT_FIELDS, ['links'], request.minor);
    const full = detail || values.boolean('detail') === true;
    if (values.boolean('detail') === true && fields !== undefined) {
      throw new InvalidInput('Either fields or detail, not both');
    }
    const { wanted, node: owner } = await filter(services, values, request, of);
    const only = full ? undefined : (fields ?? SHORT);
    const body = await listPage(await among(ports, values, owner), values, {
      name: 'ports',
      url: `${request.publicUrl}/v1/${path}`,
      query: request.query,
      sortable,
      wanted,
      selective: PORT_FILTERS.some((name) => request.query[name] !== undefined),
      parts: (key) => [...PORT_FILTER_PARTS, key as keyof Port],
      read: (port, key) => ({ ...port })[key as 'uuid'] ?? null,
      show: (port) => showPort(port, request, only),
    });
    return { status: 200, body };
  };
  const ofNode = async (request: ApiRequest, detail: boolean) => {
    const ident = request.params.node ?? '';
    const node = await findNode(nodes, ident, request.minor);
    return list(request, detail, `nodes/${ident}/ports${detail ? '/detail' : ''}`, node);
  };
  const inGroup = async (request: ApiRequest, detail: boolean) => {
    needs(request, 24, 404);
    const { uuid } = await findResource(services, PORTGROUP, request.params.portgroup ?? '', request.minor);
    const query = { ...request.query, portgroup: uuid };
    return list({ ...request, query }, detail, detail ? 'ports/detail' : 'ports');
  };
  const find = async (ident: string, minor: number): Promise<Port> => {
    if (!isUuid(ident) && (minor < 88 || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(ident))) {
      throw new InvalidInput(`Expected a UUID but received ${ident}.`);
    }
    const port = isUuid(ident) ? await ports.get(ident.toLowerCase()) : await ports.byName(ident);
    if (port === undefined) throw new NotFound(`Port ${ident} could not be found.`);
    return port;
  };

  /** A port joins groups of its own node, whose ports are all in one physical network. */
  const refuseForeignGroup = async ({
    uuid: port,
    portgroup_uuid: uuid,
    node_uuid: node,
    physical_network: net,
  }: Port) => {
    if (uuid === null) return;
    const group = await services.resources.get<Item>('portgroup', uuid);
    if (group === undefined) throw new InvalidInput(`Port group ${uuid} could not be found.`);
    if (group.node_uuid !== node) throw new InvalidInput(`Port group ${uuid} is of another node.`);
    const others = (await ports.ofNode(node)).filter((one) => one.portgroup_uuid === uuid && one.uuid !== port);
    if (others.length > 0 && !others.some((one) => one.physical_network === net)) {
      throw new Conflict(
        `Port group ${uuid} has ports in physical network ${others[0]?.physical_network}, not ${net}.`,
      );
    }
  };

  return {
    '#create': async (request) => {
      const { node_ident: ident, ...given } = checkCreate(request.body, ACCEPTED, request.minor, 'Port');
      if (given.address === undefined) throw new InvalidInput('Port: address is mandatory');
      if ((ident === undefined) === (given.node_uuid === undefined)) {
        throw new InvalidInput('Port: exactly one of node_uuid and node_ident is mandatory');
      }
      const node = await ownerNode(nodes, String(ident ?? given.node_uuid));
      const port = newPort({
        ...(given as Partial<Port>),
        uuid: typeof given.uuid === 'string' ? given.uuid : services.ids.uuid(),
        address: String(given.address),
        node_uuid: node.uuid,
        created_at: timestamp(services.clock.now()),
      });
      await refuseForeignGroup(port);
      const stored = await ports.create(port).catch(named);
      const location = `${request.publicUrl}/v1/ports/${stored.uuid}`;
      return { status: 201, headers: { Location: location }, body: showPort(stored, request) };
    },
    '#list': (request) => list(request, false, 'ports'),
    '#detail': (request) => list(request, true, 'ports/detail'),
    '#of-node': (request) => ofNode(request, false),
    '#of-node-detail': (request) => ofNode(request, true),
    '#of-portgroup': (request) => inGroup(request, false),
    '#of-portgroup-detail': (request) => inGroup(request, true),
    '#show': async (request) => {
      const values = parseQuery(request.query, { fields: ['list', 8] }, request.minor);
      const fields = chosenFields(values, PORT_FIELDS, ['links'], request.minor);
      return { status: 200, body: showPort(await find(request.params.port ?? '', request.minor), request, fields) };
    },
    '#patch': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const operations = parsePatch(request.body, ACCEPTED, request.minor);
      const port = await find(request.params.port ?? '', request.minor);
      const node = await ownerNode(nodes, port.node_uuid);
      guard(node, new Set(operations.map(({ path }) => path[0])), request.minor);
      if (operations.length === 0) return { status: 200, body: showPort(port, request) };
      const document: JsonObject = { ...port } as unknown as JsonObject;
      const { node_ident: ident, ...changed } = applyPatch(document, operations, ACCEPTED);
      const after = { ...port, ...(changed as Partial<Port>), updated_at: timestamp(services.clock.now()) };
      const moved = typeof ident === 'string' ? ident : after.node_uuid;
      if (moved !== port.node_uuid) after.node_uuid = (await ownerNode(nodes, moved)).uuid;
      const rewired = after.portgroup_uuid !== port.portgroup_uuid || after.physical_network !== port.physical_network;
      if (rewired || moved !== port.node_uuid) await refuseForeignGroup(after);
      return { status: 200, body: showPort(await ports.replace(after).catch(named), request) };
    },
    '#remove': async (request) => {
      const ident = request.params.port ?? '';
      if (!isUuid(ident)) throw new InvalidInput(`Expected a UUID but received ${ident}.`);
      const port = await find(ident, request.minor);
      const node = await nodes.get(port.node_uuid);
      if (node !== undefined) refuseLocked(node);
      await ports.remove(port);
      return { status: 204 };
    },
  };
}

const sortable = (key: string): boolean =>
  !UNSORTABLE_PORT_FIELDS.includes(key) && PORT_FIELDS.some(({ name }) => name === key);

function showPort(port: Port, { publicUrl, minor }: ApiRequest, only?: readonly string[]): JsonObject {
  const shown = view({ ...port } as unknown as JsonObject, PORT_FIELDS, minor, only);
  return { ...shown, links: links(publicUrl, `ports/${port.uuid}`) };
}

async function filter(services: Needs, values: Values, request: ApiRequest, of?: Node) {
  const { nodes } = services;
  const exclusive = ['node', 'portgroup', 'shard'].filter((key) => request.query[key] !== undefined);
  if (exclusive.length + (of === undefined ? 0 : 1) > 1)
    throw new Forbidden(`Use only one of: ${exclusive.join(', ')}`);
  const ident = values.string('node') ?? values.string('node_uuid');
  const node = of?.uuid ?? (ident === undefined ? undefined : (await findNode(nodes, ident, request.minor)).uuid);
  const shards = values.list('shard');
  const sharded =
    shards === undefined
      ? undefined
      : new Set(
          (await nodes.list()).filter(({ shard }) => shards.includes(shard?.toLowerCase() ?? '')).map((n) => n.uuid),
        );
  const group = values.string('portgroup');
  const portgroup =
    group === undefined ? undefined : (await findResource(services, PORTGROUP, group, request.minor)).uuid;
  const address = values.string('address');
  const [words, groups] = [values.string('description_contains'), values.list('conductor_groups')];
  const wanted = (port: Port): boolean =>
    (node === undefined || port.node_uuid === node) &&
    (sharded === undefined || sharded.has(port.node_uuid)) &&
    (address === undefined || port.address === address) &&
    (portgroup === undefined || port.portgroup_uuid === portgroup) &&
    (groups === undefined || groups.length === 0) &&
    (words === undefined || contains(port.description, words));
  return { wanted, node };
}

/** Where a filter names the few ports that there can be, only those are read. */
async function among(ports: Needs['ports'], values: Values, node: string | undefined): Promise<Rows<Port>> {
  const address = values.string('address');
  if (address !== undefined) {
    const port = await ports.byAddress(address);
    return rowsAsMade(port === undefined ? [] : [port]);
  }
  return node === undefined ? ports : rowsAsMade(await ports.ofNode(node));
}

/** What may not change under a node that is in use (operator-api.md §2.6). */
function guard(node: Node, touched: ReadonlySet<string>, minor: number): void {
  if (node.provision_state === 'inspecting' && minor >= 39) throw new Conflict('The node is being inspected.');
  refuseLocked(node);
  if (node.maintenance) return;
  const inUse = node.provision_state === 'active' || node.instance_uuid !== null;
  if (touched.has('address') && inUse) {
    throw new Conflict(`Cannot update the address of a port of node ${node.uuid}: it is in use.`);
  }
  const wire = WIRING.find((name) => touched.has(name));
  if (wire !== undefined && !stateOf(node.provision_state).portsRewirable) {
    throw new Conflict(`Cannot update ${wire} of a port while node ${node.uuid} is in state ${node.provision_state}.`);
  }
}

function named(error: unknown): never {
  const what = error instanceof ClaimTaken ? { mac: 'MAC address', port_name: 'name' }[error.kind] : undefined;
  if (error instanceof ClaimTaken && what) throw new Conflict(`A port with ${what} ${error.value} already exists.`);
  throw error;
}
