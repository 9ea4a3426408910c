import { InvalidInput } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { checkCreate, type Field } from './field.ts';
import type { Arguments } from './query.ts';
import type { ResourceKind, Stored, UniqueValue } from './resource-store.ts';
import { links, masked, view } from './view.ts';

/** A resource as it is stored: its fields beside what every one has. */
export type Item = Stored & JsonObject;

/** From which microversion a call exists, and what it answers below that (operator-api.md §2.9). */
export type Gate = readonly [since: number, below: 404 | 405 | 406];

/** What a resource of the operator API is, apart from what its calls look at beside it. */
export interface Resource {
  readonly kind: ResourceKind;
  /** In sentences: `port group`. */
  readonly noun: string;
  /** Key of a list: `portgroups`. */
  readonly collection: string;
  /** Below `/v1/`, for links: `volume/connectors`. */
  readonly path: string;
  /** Of the routes: `portgroup`. */
  readonly param: string;
  /** Shown ones, with `uuid`, `created_at` and `updated_at`. */
  readonly fields: readonly Field[];
  /** What a list shows when nobody asks for more; `links` is always there. */
  readonly short: readonly string[];
  readonly mandatory: readonly string[];
  readonly unsortable: readonly string[];
  /** Fields, or groups of fields, of which each value has one owner. Null is nobody's. */
  readonly unique: readonly (readonly string[])[];
  /** Since when a path may say the name instead of the UUID; undefined = never. */
  readonly namedSince?: number;
  readonly gates: { readonly read: Gate; readonly write: Gate };
  /** Query keys of its lists, beside paging, `fields` and `detail`. */
  readonly filters: Arguments;
  /** `?detail=` exists from here on, and `/detail` if the routes say so. Undefined = a list is in full anyway. */
  readonly detailSince?: number;
  /** Link lists below it: name of the key, the version that shows it, and whether the list is in a list (a quirk of Ironic). */
  readonly children?: readonly (readonly [name: string, since: number, nested?: boolean])[];
  /** Fields that may hold secrets inside: shown masked, and kept when the mask comes back (T12). */
  readonly masked?: readonly string[];
  /** What anybody may see of an item, where that is not all of it. */
  readonly visible?: (item: Item) => Item;
}

/** The claims of an item. */
export function uniquesOf({ kind, unique }: Resource, item: Item): UniqueValue[] {
  return unique
    .filter((names) => names.every((name) => item[name] !== null && item[name] !== undefined))
    .map((names) => ({ kind: `${kind}_${names.join('_')}`, value: names.map((name) => String(item[name])).join(' ') }));
}

/** What a POST makes: what was given over what every field is by itself. */
export function newItem(resource: Resource, body: unknown, minor: number, made: { uuid: string; at: string }): Item {
  const given = checkCreate(body, resource.fields, minor, resource.noun);
  const missing = resource.mandatory.find((name) => given[name] === undefined || given[name] === null);
  if (missing !== undefined) throw new InvalidInput(`${resource.noun}: ${missing} is mandatory`);
  const defaults = resource.fields.map(({ name, reset }) => [name, structuredClone(reset ?? null)] as const);
  const own = { uuid: made.uuid, created_at: made.at, updated_at: null, version: 1, schema: 1 } as const;
  return { ...Object.fromEntries(defaults), ...own, ...given };
}

export function showItem(
  resource: Resource,
  item: Item,
  { publicUrl, minor }: { publicUrl: string; minor: number },
  only?: readonly string[],
): JsonObject {
  const { children = [], path } = resource;
  const below = children
    .filter(([name, since]) => since <= minor && (only?.includes(name) ?? true))
    .map(([name, , nested]) => {
      const pair = links(publicUrl, `${path}/${item.uuid}/${name}`);
      return [name, nested ? [pair] : pair];
    });
  return {
    ...view(hidden(resource, item), resource.fields, minor, only),
    ...Object.fromEntries(below),
    links: links(publicUrl, `${path}/${item.uuid}`),
  };
}

function hidden(resource: Resource, item: Item): JsonObject {
  const shown = resource.visible?.(item) ?? item;
  const masks = (resource.masked ?? []).map((name) => [name, masked(shown[name] ?? null)] as const);
  return { ...shown, ...Object.fromEntries(masks) };
}
