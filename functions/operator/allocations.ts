import { ALLOCATION, ALLOCATION_FIELDS, type Allocation, NODE_FIELD } from '../../shared/allocation/allocation.ts';
import { Allocations } from '../../shared/allocation/allocations.ts';
import { timestamp } from '../../shared/clock.ts';
import { ClaimTaken, Conflict, InvalidInput, NotFound } from '../../shared/errors.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Node } from '../../shared/node/node.ts';
import { chosenFields, parseQuery } from '../../shared/resource/query.ts';
import { type Item, newItem, showItem } from '../../shared/resource/resource.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode, ownerNode } from './find-node.ts';
import { resourceCalls } from './resource-handlers.ts';

type Needs = Pick<Services, 'nodes' | 'resources' | 'clock' | 'ids'>;

const SINCE = 52;
const PATCH_SINCE = 57;
const NODE_SINCE = 58;
/** What a POST may say: with the node that is to be filled in. */
const ACCEPTED = { ...ALLOCATION, fields: [...ALLOCATION_FIELDS, ...NODE_FIELD] };

export function allocationHandlers(services: Needs): Record<string, Handler> {
  const { nodes, resources } = services;
  const allocations = new Allocations(services);
  const calls = resourceCalls(services, ALLOCATION, {
    filter: async (values) => {
      const ident = values.string('node');
      const node = ident === undefined ? undefined : (await ownerNode(nodes, ident)).uuid;
      const wanted = { node_uuid: node, ...Object.fromEntries(FILTERS.map((name) => [name, values.string(name)])) };
      return (item) => Object.entries(wanted).every(([name, value]) => value === undefined || item[name] === value);
    },
  });
  const ofNode = async (request: ApiRequest, find: typeof findNode): Promise<Item> => {
    needs(request, SINCE, 404);
    const node = await find(nodes, request.params.node ?? '', request.minor);
    const { allocation_uuid: uuid } = node;
    const found = uuid === null ? undefined : await resources.get<Item>('allocation', uuid);
    if (found === undefined) throw new NotFound(`Node ${node.uuid} does not have an allocation.`);
    return found;
  };

  return {
    '#create': async (request) => {
      needs(request, SINCE, 405);
      parseQuery(request.query, {}, request.minor);
      const made = { uuid: services.ids.uuid(), at: timestamp(services.clock.now()) };
      const { node: ident, ...item } = newItem(
        request.minor < NODE_SINCE ? ALLOCATION : ACCEPTED,
        request.body,
        request.minor,
        made,
      );
      const node = typeof ident === 'string' ? await ownerNode(nodes, ident) : undefined;
      const given: JsonObject = request.body as JsonObject;
      const wish = await wishOf(nodes, item as unknown as Allocation, node, given.uuid !== undefined);
      const write = node === undefined ? allocations.allocate(wish) : allocations.backfill(wish, node);
      const stored = await write.catch(taken);
      const location = `${request.publicUrl}/v1/allocations/${stored.uuid}`;
      return {
        status: 201,
        headers: { Location: location },
        body: showItem(ALLOCATION, { ...stored } as unknown as Item, request),
      };
    },
    '#list': (request) => calls.list(request),
    '#show': calls.show,
    '#patch': (request) => {
      needs(request, PATCH_SINCE, 405);
      return calls.patch(request);
    },
    '#remove': async (request) => {
      needs(request, SINCE, 405);
      const item = await calls.find(request.params.allocation ?? '', request.minor);
      await allocations.remove(item as unknown as Allocation);
      return { status: 204 };
    },
    '#of-node': async (request) => {
      // Ironic looks the node up as an argument of a list: 400 when there is none.
      const item = await ofNode(request, ownerNode);
      const values = parseQuery(request.query, { fields: ['list', SINCE] }, request.minor);
      const only = chosenFields(values, ALLOCATION_FIELDS, ['links'], request.minor);
      return { status: 200, body: showItem(ALLOCATION, item, request, only) };
    },
    '#remove-of-node': async (request) => {
      await allocations.remove((await ofNode(request, findNode)) as unknown as Allocation);
      return { status: 204 };
    },
  };
}

const FILTERS = ['resource_class', 'state', 'owner'] as const;

/** Names become UUIDs; what a node says already need not be said again. */
async function wishOf(
  nodes: Services['nodes'],
  wish: Allocation,
  node: Node | undefined,
  hasUuid: boolean,
): Promise<Allocation> {
  const resourceClass = wish.resource_class ?? node?.resource_class ?? null;
  if (resourceClass === null && node === undefined) throw new InvalidInput('Allocation: resource_class is mandatory');
  const candidates = await Promise.all(wish.candidate_nodes.map((ident) => ownerNode(nodes, ident)));
  if (node !== undefined && candidates.length > 0 && !candidates.some(({ uuid }) => uuid === node.uuid)) {
    throw new InvalidInput(`Node ${node.uuid} is not among the candidate nodes`);
  }
  return {
    ...wish,
    uuid: hasUuid ? wish.uuid : (node?.instance_uuid ?? wish.uuid),
    resource_class: resourceClass,
    candidate_nodes: candidates.map(({ uuid }) => uuid),
  };
}

function taken(error: unknown): never {
  if (!(error instanceof ClaimTaken)) throw error;
  const what = error.kind.replace('allocation_', '');
  throw new Conflict(`An allocation with ${what} ${error.value} already exists.`);
}
