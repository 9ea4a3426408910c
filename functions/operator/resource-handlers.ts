import { timestamp } from '../../shared/clock.ts';
import { ClaimTaken, Conflict, InvalidInput, NotFound } from '../../shared/errors.ts';
import { isLogicalName, isUuid } from '../../shared/resource/checks.ts';
import { listPage, type Rows } from '../../shared/resource/listing.ts';
import { applyPatch, parsePatch } from '../../shared/resource/patch.ts';
import { type Arguments, chosenFields, PAGING, parseQuery, type Values } from '../../shared/resource/query.ts';
import { type Item, newItem, type Resource, showItem, uniquesOf } from '../../shared/resource/resource.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';

export type Needs = Pick<Services, 'resources' | 'clock' | 'ids'>;
type Answered = Item | Promise<Item>;

/** Where a resource is more than its table. Each may throw; `create` and `patch` may answer another item. */
export interface Hooks {
  /** What may not be made, or what it becomes once what it names was found. */
  create?(item: Item, request: ApiRequest): Answered;
  patch?(after: Item, before: Item, request: ApiRequest): Answered;
  remove?(item: Item, request: ApiRequest): void | Promise<void>;
  /** Whether an item is in the list that a query asks for. */
  filter?(values: Values, request: ApiRequest): Promise<(item: Item) => boolean>;
}
export interface ListShape {
  /** `/detail`: everything, and neither `fields` nor `detail`. */
  detail?: boolean;
  /** Where the next page is, if not at the resource's own path. */
  path?: string;
  /** The list of a parent. */
  of?: (item: Item) => boolean;
}

/** The calls that every resource has, as its description says them. */
export function resourceCalls(services: Needs, resource: Resource, hooks: Hooks = {}) {
  const { resources, clock, ids } = services;
  const { kind, fields, noun, gates } = resource;
  const shown = ['links', ...(resource.children ?? []).map(([name]) => name)];
  const sortable = (key: string) => !resource.unsortable.includes(key) && fields.some(({ name }) => name === key);
  const read = (request: ApiRequest) => needs(request, ...gates.read);
  const write = (request: ApiRequest) => needs(request, ...gates.write);
  const taken = (error: unknown): never => {
    if (!(error instanceof ClaimTaken)) throw error;
    const what = error.kind.replace(`${kind}_`, '');
    throw new Conflict(`A ${noun} with ${what} ${error.value} already exists.`);
  };

  const find = (ident: string, minor: number) => findResource(services, resource, ident, minor);
  const list = async (request: ApiRequest, { detail = false, path, of }: ListShape = {}) => {
    read(request);
    const own: Arguments = { ...PAGING, ...resource.filters };
    const { detailSince } = resource;
    const more: Arguments = {
      fields: ['list', 8],
      ...(detailSince === undefined ? {} : { detail: ['boolean', detailSince] }),
    };
    const values = parseQuery(request.query, detail ? own : { ...own, ...more }, request.minor);
    const chosen = chosenFields(values, fields, shown, request.minor);
    const full = values.boolean('detail');
    if (full === true && chosen !== undefined) throw new InvalidInput('Either fields or detail, not both');
    const wanted = await hooks.filter?.(values, request);
    const url = `${request.publicUrl}/v1/${path ?? `${resource.path}${detail ? '/detail' : ''}`}`;
    const only = detail || full === true ? undefined : (chosen ?? resource.short);
    const rows: Rows<Item> = {
      get: (uuid) => resources.get<Item>(kind, uuid),
      many: (uuids) => resources.many<Item>(kind, uuids),
      inOrder: (from) => resources.inOrder<Item>(kind, from),
    };
    const body = await listPage(rows, values, {
      name: resource.collection,
      url,
      query: request.query,
      sortable,
      wanted: (item) => (of?.(item) ?? true) && (wanted?.(item) ?? true),
      selective: of !== undefined || Object.keys(resource.filters).some((name) => request.query[name] !== undefined),
      read: (item, key) => item[key] ?? null,
      show: (item) => showItem(resource, item, request, only),
    });
    return { status: 200, body };
  };

  const create: Handler = async (request) => {
    write(request);
    parseQuery(request.query, {}, request.minor);
    const made = { uuid: ids.uuid(), at: timestamp(clock.now()) };
    const item = newItem(resource, request.body, request.minor, made);
    const ready = (await hooks.create?.(item, request)) ?? item;
    const stored = await resources.create(kind, ready, uniquesOf(resource, ready)).catch(taken);
    const location = `${request.publicUrl}/v1/${resource.path}/${stored.uuid}`;
    return { status: 201, headers: { Location: location }, body: showItem(resource, stored, request) };
  };

  const show: Handler = async (request) => {
    read(request);
    const values = parseQuery(request.query, { fields: ['list', 8] }, request.minor);
    const chosen = chosenFields(values, fields, shown, request.minor);
    const item = await find(request.params[resource.param] ?? '', request.minor);
    return { status: 200, body: showItem(resource, item, request, chosen) };
  };

  const patch: Handler = async (request) => {
    write(request);
    parseQuery(request.query, {}, request.minor);
    const operations = parsePatch(request.body, fields, request.minor);
    const before = await find(request.params[resource.param] ?? '', request.minor);
    if (operations.length === 0) return { status: 200, body: showItem(resource, before, request) };
    const patched = applyPatch(before, operations, fields) as Item;
    const missing = resource.mandatory.find((name) => patched[name] === null);
    if (missing !== undefined) throw new InvalidInput(`${noun}: ${missing} is mandatory`);
    const after = (await hooks.patch?.(patched, before, request)) ?? patched;
    const unique = { before: uniquesOf(resource, before), after: uniquesOf(resource, after) };
    const changed = { ...after, updated_at: timestamp(clock.now()) };
    const stored = await resources.replace(kind, changed, unique).catch(taken);
    return { status: 200, body: showItem(resource, stored, request) };
  };

  const remove: Handler = async (request) => {
    write(request);
    parseQuery(request.query, {}, request.minor);
    const item = await find(request.params[resource.param] ?? '', request.minor);
    await hooks.remove?.(item, request);
    await resources.remove(kind, item, uniquesOf(resource, item));
    return { status: 204 };
  };

  return { find, list, create, show, patch, remove };
}

/** `#create`, `#list`, `#show`, `#patch`, `#remove`. A resource with a `/detail` or calls of its own adds them. */
export function resourceHandlers(services: Needs, resource: Resource, hooks: Hooks = {}): Record<string, Handler> {
  const { list, create, show, patch, remove } = resourceCalls(services, resource, hooks);
  return {
    '#create': create,
    '#list': (request) => list(request),
    '#show': show,
    '#patch': patch,
    '#remove': remove,
  };
}

/** By UUID, or by name where the resource has one. */
export async function findResource(
  { resources }: Pick<Services, 'resources'>,
  resource: Resource,
  ident: string,
  minor: number,
): Promise<Item> {
  const named = resource.namedSince !== undefined && minor >= resource.namedSince;
  if (!isUuid(ident) && !(named && isLogicalName(ident))) {
    throw new InvalidInput(`Expected a UUID${named ? ' or a name' : ''} but received ${ident}.`);
  }
  const item = isUuid(ident)
    ? await resources.get<Item>(resource.kind, ident.toLowerCase())
    : await resources.byName<Item>(resource.kind, ident);
  if (item === undefined) throw new NotFound(`The ${resource.noun} ${ident} could not be found.`);
  return item;
}
