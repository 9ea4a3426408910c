import { endTokenless } from '../../shared/agent/tokenless.ts';
import { Allocations } from '../../shared/allocation/allocations.ts';
import { freed } from '../../shared/allocation/release.ts';
import { timestamp } from '../../shared/clock.ts';
import { forgetConfigDrive } from '../../shared/configdrive/keep-config-drive.ts';
import { ClaimTaken, Conflict, InvalidInput, NotFound } from '../../shared/errors.ts';
import { LIST_FIELDS, NODE_FIELDS, UNSORTABLE } from '../../shared/node/fields.ts';
import type { Node } from '../../shared/node/node.ts';
import { changedNode, nodeFrom } from '../../shared/node/node-change.ts';
import { fieldValue, partsOf, showNode } from '../../shared/node/node-document.ts';
import { guardDelete, guardPatch } from '../../shared/node/node-guards.ts';
import {
  NODE_DETAIL_ARGUMENTS,
  NODE_FILTER_PARTS,
  NODE_FILTERS,
  NODE_LIST_ARGUMENTS,
  nodeFilter,
} from '../../shared/node/node-list.ts';
import { withSecrets } from '../../shared/node/with-secrets.ts';
import { CHASSIS } from '../../shared/resource/chassis.ts';
import { isObject, isUuid } from '../../shared/resource/checks.ts';
import { checkCreate, fieldNamed } from '../../shared/resource/field.ts';
import { listPage, type Rows, rowsAsMade } from '../../shared/resource/listing.ts';
import { parsePatch } from '../../shared/resource/patch.ts';
import { chosenFields, parseQuery, type Values } from '../../shared/resource/query.ts';
import { forgetRescuePassword } from '../../shared/run/rescue-password.ts';
import { wakeRun } from '../../shared/run/wake.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode, ownerNode } from './find-node.ts';
import { removeOwned } from './owned-resources.ts';
import { findResource } from './resource-handlers.ts';

type Needs = Pick<
  Services,
  'nodes' | 'resources' | 'sessions' | 'workflow' | 'secrets' | 'documents' | 'clock' | 'ids'
>;

const SORTABLE = new Set(NODE_FIELDS.map(({ name }) => name).filter((name) => !UNSORTABLE.includes(name)));

export function nodeHandlers(services: Needs): Record<string, Handler> {
  const { nodes } = services;
  const allocations = new Allocations(services);
  const listed: Handler = async (request) => {
    const values = parseQuery(request.query, NODE_LIST_ARGUMENTS, request.minor);
    const fields = chosenFields(values, NODE_FIELDS, [], request.minor);
    const detail = values.boolean('detail');
    if (detail === true && fields !== undefined) throw new InvalidInput('Either fields or detail, not both');
    const only = detail ? undefined : (fields ?? LIST_FIELDS);
    return { status: 200, body: await list(services, request, values, 'nodes', only) };
  };
  const listedDetail: Handler = async (request) => {
    const values = parseQuery(request.query, NODE_DETAIL_ARGUMENTS, request.minor);
    return { status: 200, body: await list(services, request, values, 'nodes/detail', undefined) };
  };
  const inChassis = async (request: ApiRequest): Promise<ApiRequest> => {
    const { uuid } = await findResource(services, CHASSIS, request.params.chassis ?? '', request.minor);
    return { ...request, query: { ...request.query, chassis_uuid: uuid } };
  };
  return {
    '#create': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const given = checkCreate(saying(request), NODE_FIELDS, request.minor, 'Node');
      refuseOldName(given.name, request.minor);
      const at = timestamp(services.clock.now());
      const node = await related(services, nodeFrom(given, { uuid: services.ids.uuid(), at, minor: request.minor }));
      const made = (row: Node) => nodes.create(row, [], [edited(request, 'created')]).catch(named);
      const stored = await withSecrets(services.secrets, node, undefined, made);
      const location = `${request.publicUrl}/v1/nodes/${stored.uuid}`;
      return { status: 201, headers: { Location: location }, body: showNode(stored, request.publicUrl, request.minor) };
    },

    '#list': listed,
    '#detail': listedDetail,
    '#of-chassis': async (request) => listed(await inChassis(request)),
    '#of-chassis-detail': async (request) => listedDetail(await inChassis(request)),

    '#show': async (request) => {
      const values = parseQuery(request.query, { fields: ['list', 8] }, request.minor);
      const fields = chosenFields(values, NODE_FIELDS, [], request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: showNode(node, request.publicUrl, request.minor, fields) };
    },

    '#patch': async (request) => {
      const values = parseQuery(request.query, { reset_interfaces: ['boolean', 45] }, request.minor);
      const operations = parsePatch(request.body, NODE_FIELDS, request.minor);
      const unset = operations.some(({ op, path }) => op === 'remove' && path[0] === 'chassis_uuid');
      if (unset) needs(request, 25, 406);
      for (const { path, value } of operations) if (path[0] === 'name') refuseOldName(value, request.minor);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const resetInterfaces = values.boolean('reset_interfaces') ?? false;
      if (resetInterfaces && !operations.some(({ path }) => path.join('/') === 'driver')) {
        throw new InvalidInput('The reset_interfaces parameter can only be used when changing the driver');
      }
      guardPatch(node, operations, request.minor);
      if (operations.length === 0) return { status: 200, body: showNode(node, request.publicUrl, request.minor) };
      const changed = changedNode(node, operations, { at: timestamp(services.clock.now()), resetInterfaces });
      const free = freed(node, changed);
      const after = await related(services, free, node);
      const what = `changed ${[...new Set(operations.map(({ path }) => path[0]))].join(', ')}`;
      const written = (row: Node) => nodes.replace(row, [edited(request, what)]).catch(named);
      const stored = await withSecrets(services.secrets, after, node, written);
      if (free !== changed) await allocations.forget(node.allocation_uuid);
      if (operations.some(({ path }) => path[0] === 'maintenance')) await wakeRun(stored, services);
      if (operations.some(({ path }) => path[0] === 'driver_info')) await endTokenless(stored, services.sessions);
      return { status: 200, body: showNode(stored, request.publicUrl, request.minor) };
    },

    '#remove': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      guardDelete(node);
      // The node last: a call that died on its way can be made again, and finds what is left.
      await removeOwned(services, node.uuid);
      await forgetConfigDrive(node, services.documents);
      await forgetRescuePassword(node.uuid, services);
      await allocations.forget(node.allocation_uuid);
      await nodes.remove(node);
      return { status: 204 };
    },

    '#remove-none': async () => {
      throw new InvalidInput('Missing mandatory parameter: node_ident');
    },
  };
}

/** What says nothing is no field that is too new: null, and the conductor group that is none. */
function saying({ body, minor }: ApiRequest): unknown {
  if (!isObject(body)) return body;
  const silent = ([name, value]: [string, unknown]) =>
    (value === null || (name === 'conductor_group' && value === '')) &&
    (fieldNamed(NODE_FIELDS, name)?.since ?? 0) > minor;
  return Object.fromEntries(Object.entries(body).filter((entry) => !silent(entry)));
}

const FREE_NAMES_SINCE = 10;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9\-_]{0,62}[a-z0-9])*\.?$/;

/** Clients of that time know names as host names only. */
function refuseOldName(name: unknown, minor: number): void {
  if (minor >= FREE_NAMES_SINCE || typeof name !== 'string' || HOST_NAME.test(name)) return;
  throw new InvalidInput(`Invalid node name ${name}: before API version 1.${FREE_NAMES_SINCE} it must be a host name`);
}

async function list(
  { nodes, resources }: Needs,
  request: ApiRequest,
  values: Values,
  path: string,
  only: readonly string[] | undefined,
) {
  const parent = values.string('parent_node');
  const parentUuid = parent === undefined || isUuid(parent) ? parent : ((await nodes.byName(parent))?.uuid ?? parent);
  const chassis = values.string('chassis_uuid');
  if (chassis !== undefined && (await resources.get('chassis', chassis)) === undefined) {
    throw new NotFound(`Chassis ${chassis} could not be found.`);
  }
  const wanted = nodeFilter(values, parentUuid);
  return listPage(await among(nodes, values), values, {
    name: 'nodes',
    url: `${request.publicUrl}/v1/${path}`,
    query: request.query,
    sortable: (key) => SORTABLE.has(key),
    wanted,
    selective: NODE_FILTERS.some((name) => request.query[name] !== undefined),
    parts: (key) => [...NODE_FILTER_PARTS, ...partsOf([key])],
    shows: only && partsOf(only),
    read: fieldValue,
    show: (node) => showNode(node, request.publicUrl, request.minor, only),
  });
}

/** An instance has one node at most, and its claim says which. */
async function among(nodes: Needs['nodes'], values: Values): Promise<Rows<Node>> {
  const instance = values.string('instance_uuid');
  if (instance === undefined) return nodes;
  const node = await nodes.byInstance(instance);
  return rowsAsMade(node ? [node] : []);
}

/** What a node names must exist. Names of parents become UUIDs. */
async function related({ nodes, resources }: Needs, node: Node, before?: Node): Promise<Node> {
  const { chassis_uuid: chassis } = node;
  if (chassis !== null && chassis !== before?.chassis_uuid && !(await resources.get('chassis', chassis))) {
    throw new InvalidInput(`Chassis ${chassis} could not be found.`);
  }
  const { parent_node: ident } = node;
  if (ident === null || ident === before?.parent_node) return node;
  const parent = await ownerNode(nodes, ident);
  return { ...node, parent_node: parent.uuid };
}

/** The sentence that clients look for. */
function named(error: unknown): never {
  if (error instanceof ClaimTaken) throw new Conflict(`A node with ${error.kind} ${error.value} already exists.`);
  throw error;
}

function edited({ user }: ApiRequest, what: string) {
  return { event_type: 'edited', event: `Node ${what}`, severity: 'INFO' as const, user, detail: {} };
}
