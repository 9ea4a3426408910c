import { InvalidInput, NotAcceptable, NotFound } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { booleanOf, isMac, isUuid } from './checks.ts';
import { acceptable, type Field, fieldNamed } from './field.ts';

export type Argument = 'string' | 'boolean' | 'uuid' | 'mac' | 'list' | 'integer';
/** Query keys of a call: type and first microversion. */
export type Arguments = Record<string, readonly [Argument, since: number]>;

export const PAGING: Arguments = {
  limit: ['integer', 1],
  marker: ['string', 1],
  sort_key: ['string', 1],
  sort_dir: ['string', 1],
};
export const MAX_LIMIT = 1000;

export interface Values {
  string(name: string): string | undefined;
  boolean(name: string): boolean | undefined;
  list(name: string): string[] | undefined;
}

const READERS: Record<Argument, (text: string) => string | boolean | string[] | undefined> = {
  string: (text) => text,
  boolean: booleanOf,
  uuid: (text) => (isUuid(text) ? text.toLowerCase() : undefined),
  mac: (text) => (isMac(text) ? text.toLowerCase() : undefined),
  integer: (text) => (/^\d{1,9}$/.test(text) ? text : undefined),
  list: (text) => [...new Set(text.split(',').map((item) => item.trim().toLowerCase()))].filter((item) => item !== ''),
};

/** Unknown keys and values of the wrong type are 400, keys newer than the version 406 (T32). */
export function parseQuery(query: Record<string, string>, known: Arguments, minor: number): Values {
  const values = new Map<string, string | boolean | string[]>();
  for (const [name, text] of Object.entries(query)) {
    const argument = Object.hasOwn(known, name) ? known[name] : undefined;
    if (argument === undefined) throw new InvalidInput(`Unknown query argument ${name}`);
    const [type, since] = argument;
    if (since > minor) throw new NotAcceptable(`Query argument ${name} needs API version 1.${since}`);
    const value = READERS[type](text);
    if (value === undefined) throw new InvalidInput(`Query argument ${name}: expected a ${type}, not "${text}"`);
    values.set(name, value);
  }
  const typed = <T>(name: string, is: (value: unknown) => value is T): T | undefined => {
    const value = values.get(name);
    return is(value) ? value : undefined;
  };
  return {
    string: (name) => typed(name, (value): value is string => typeof value === 'string'),
    boolean: (name) => typed(name, (value): value is boolean => typeof value === 'boolean'),
    list: (name) => typed(name, (value): value is string[] => Array.isArray(value)),
  };
}

/** For `description_contains`: case does not matter, as in the databases under Ironic. */
export function contains(text: string | null, words: string): boolean {
  return text?.toLowerCase().includes(words.toLowerCase()) ?? false;
}

/** `fields=`: unknown ones are 400, newer ones 406; `links` is always there. */
export function chosenFields(values: Values, fields: readonly Field[], more: readonly string[], minor: number) {
  const chosen = values.list('fields');
  for (const name of chosen ?? []) {
    const field = fieldNamed(fields, name);
    if (field !== undefined) acceptable(field, minor);
    else if (!more.includes(name)) throw new InvalidInput(`Field ${name} is unknown`);
  }
  return chosen;
}

export interface Listing {
  /** `nodes`: key of the collection. */
  name: string;
  /** `<public>/v1/nodes`, without a query. */
  url: string;
  query: Record<string, string>;
  sortable: (key: string) => boolean;
}

/** One page of what is at hand, sorted and cut. */
export function page<T extends { uuid: string }>(
  rows: readonly T[],
  values: Values,
  listing: Listing,
  read: (row: T, key: string) => JsonValue,
): { rows: T[]; links: JsonObject } {
  const limit = limitOf(values);
  const { key, descending } = sortOf(values, listing);
  const sorted = [...rows];
  if (key !== 'id') sorted.sort((a, b) => compare(read(a, key), read(b, key)));
  if (descending) sorted.reverse();
  const marker = markerOf(values);
  const start = marker === undefined ? 0 : sorted.findIndex(({ uuid }) => uuid === marker) + 1;
  if (marker !== undefined && start === 0) throw unknownMarker(marker);
  const cut = sorted.slice(start, start + limit);
  const last = cut.length === limit ? cut.at(-1) : undefined;
  return { rows: cut, links: last === undefined ? {} : nextLinks(listing, limit, last.uuid) };
}

/** `next` keeps the filters (T8) and is said twice, because gophercloud reads only the latter (T7). */
export function nextLinks({ name, url, query }: Listing, limit: number, marker: string): JsonObject {
  const next = `${url}?${new URLSearchParams({ ...query, limit: String(limit), marker })}`;
  return { next, [`${name}_links`]: [{ rel: 'next', href: next }] };
}

export function markerOf(values: Values): string | undefined {
  const marker = values.string('marker');
  if (marker !== undefined && !isUuid(marker)) throw new InvalidInput(`Expected a UUID but received ${marker}.`);
  return marker?.toLowerCase();
}

export const unknownMarker = (marker: string) => new NotFound(`Marker ${marker} could not be found.`);

export function limitOf(values: Values): number {
  const limit = Number(values.string('limit') ?? MAX_LIMIT);
  if (limit < 1) throw new InvalidInput('Limit must be positive');
  return Math.min(limit, MAX_LIMIT);
}

export function sortOf(values: Values, { sortable }: Pick<Listing, 'sortable'>): { key: string; descending: boolean } {
  const key = values.string('sort_key') ?? 'id';
  const direction = (values.string('sort_dir') ?? 'asc').toLowerCase();
  if (direction !== 'asc' && direction !== 'desc') throw new InvalidInput(`Invalid sort direction: ${direction}`);
  if (key !== 'id' && !sortable(key)) throw new InvalidInput(`The sort_key value "${key}" is invalid`);
  return { key, descending: direction === 'desc' };
}

/** Nulls first, as databases of Ironic's kind sort them. */
export function compare(a: JsonValue, b: JsonValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
