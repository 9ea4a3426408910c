import { timestamp } from '../../shared/clock.ts';
import { ClaimTaken, Conflict, InvalidInput, NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import { newPort } from '../../shared/node/new-node.ts';
import type { Port } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { showPort } from '../../shared/node/port-document.ts';
import { NODE_IDENT, PORT_FIELDS } from '../../shared/node/port-fields.ts';
import { guardPortPatch, refuseForeignGroup } from '../../shared/node/port-guards.ts';
import { isUuid } from '../../shared/resource/checks.ts';
import { checkCreate } from '../../shared/resource/field.ts';
import { applyPatch, parsePatch } from '../../shared/resource/patch.ts';
import { chosenFields, parseQuery } from '../../shared/resource/query.ts';
import type { Handler, Services } from '../services.ts';
import { ownerNode } from './find-node.ts';
import { portLists } from './port-lists.ts';

type Needs = Pick<Services, 'nodes' | 'ports' | 'resources' | 'clock' | 'ids'>;

const ACCEPTED = [...PORT_FIELDS, NODE_IDENT];

export function portHandlers(services: Needs): Record<string, Handler> {
  const { nodes, ports } = services;
  const find = async (ident: string, minor: number): Promise<Port> => {
    if (!isUuid(ident) && (minor < 88 || /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(ident))) {
      throw new InvalidInput(`Expected a UUID but received ${ident}.`);
    }
    const port = isUuid(ident) ? await ports.get(ident.toLowerCase()) : await ports.byName(ident);
    if (port === undefined) throw new NotFound(`Port ${ident} could not be found.`);
    return port;
  };

  return {
    ...portLists(services),
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
      await refuseForeignGroup(port, services);
      const stored = await ports.create(port).catch(named);
      const location = `${request.publicUrl}/v1/ports/${stored.uuid}`;
      return { status: 201, headers: { Location: location }, body: showPort(stored, request), acted: node.uuid };
    },
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
      guardPortPatch(node, new Set(operations.map(({ path }) => path[0])), request.minor);
      if (operations.length === 0) return { status: 200, body: showPort(port, request), acted: false };
      const document: JsonObject = { ...port } as unknown as JsonObject;
      const { node_ident: ident, ...changed } = applyPatch(document, operations, ACCEPTED);
      const after = { ...port, ...(changed as Partial<Port>), updated_at: timestamp(services.clock.now()) };
      const moved = typeof ident === 'string' ? ident : after.node_uuid;
      if (moved !== port.node_uuid) after.node_uuid = (await ownerNode(nodes, moved)).uuid;
      const rewired = after.portgroup_uuid !== port.portgroup_uuid || after.physical_network !== port.physical_network;
      if (rewired || moved !== port.node_uuid) await refuseForeignGroup(after, services);
      const stored = await ports.replace(after).catch(named);
      return { status: 200, body: showPort(stored, request), acted: stored.node_uuid };
    },
    '#remove': async (request) => {
      const ident = request.params.port ?? '';
      if (!isUuid(ident)) throw new InvalidInput(`Expected a UUID but received ${ident}.`);
      const port = await find(ident, request.minor);
      const node = await nodes.get(port.node_uuid);
      if (node !== undefined) refuseLocked(node);
      await ports.remove(port);
      return { status: 204, acted: port.node_uuid };
    },
  };
}

function named(error: unknown): never {
  const what = error instanceof ClaimTaken ? { mac: 'MAC address', port_name: 'name' }[error.kind] : undefined;
  if (error instanceof ClaimTaken && what) throw new Conflict(`A port with ${what} ${error.value} already exists.`);
  throw error;
}
