import { Forbidden, InvalidInput } from '../../shared/errors.ts';
import type { Node, Port } from '../../shared/node/node.ts';
import { showPort } from '../../shared/node/port-document.ts';
import {
  PORT_ARGUMENTS,
  PORT_DETAIL_ARGUMENTS,
  PORT_FIELDS,
  PORT_FILTER_PARTS,
  PORT_FILTERS,
  UNSORTABLE_PORT_FIELDS,
} from '../../shared/node/port-fields.ts';
import { listPage, type Rows, rowsAsMade } from '../../shared/resource/listing.ts';
import { PORTGROUP } from '../../shared/resource/portgroup.ts';
import { chosenFields, contains, parseQuery, type Values } from '../../shared/resource/query.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';
import { findResource } from './resource-handlers.ts';

type Needs = Pick<Services, 'nodes' | 'ports' | 'resources'>;

const SHORT = ['uuid', 'address'];
const sortable = (key: string): boolean =>
  !UNSORTABLE_PORT_FIELDS.includes(key) && PORT_FIELDS.some(({ name }) => name === key);

/** All ports, those of a node, those of a port group; each short and in detail. */
export function portLists(services: Needs): Record<string, Handler> {
  const list = async (request: ApiRequest, detail: boolean, path: string, of?: Node) => {
    const values = parseQuery(request.query, detail ? PORT_DETAIL_ARGUMENTS : PORT_ARGUMENTS, request.minor);
    const fields = chosenFields(values, PORT_FIELDS, ['links'], request.minor);
    const full = detail || values.boolean('detail') === true;
    if (values.boolean('detail') === true && fields !== undefined) {
      throw new InvalidInput('Either fields or detail, not both');
    }
    const { wanted, node: owner } = await filter(services, values, request, of);
    const only = full ? undefined : (fields ?? SHORT);
    const body = await listPage(await among(services.ports, values, owner), values, {
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
    const node = await findNode(services.nodes, ident, request.minor);
    return list(request, detail, `nodes/${ident}/ports${detail ? '/detail' : ''}`, node);
  };
  const inGroup = async (request: ApiRequest, detail: boolean) => {
    needs(request, 24, 404);
    const { uuid } = await findResource(services, PORTGROUP, request.params.portgroup ?? '', request.minor);
    const query = { ...request.query, portgroup: uuid };
    return list({ ...request, query }, detail, detail ? 'ports/detail' : 'ports');
  };

  return {
    '#list': (request) => list(request, false, 'ports'),
    '#detail': (request) => list(request, true, 'ports/detail'),
    '#of-node': (request) => ofNode(request, false),
    '#of-node-detail': (request) => ofNode(request, true),
    '#of-portgroup': (request) => inGroup(request, false),
    '#of-portgroup-detail': (request) => inGroup(request, true),
  };
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
