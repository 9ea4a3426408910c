import type { JsonObject, JsonValue } from '../json.ts';
import { isTimeOrdered } from './new-uuid.ts';
import { compare, type Listing, limitOf, markerOf, nextLinks, sortOf, unknownMarker, type Values } from './query.ts';

/** Where to begin, and how many rows are likely to be wanted: absent = any number. */
export interface From {
  after?: string | undefined;
  descending?: boolean;
  expected?: number | undefined;
}

/** Rows in the order of their UUIDs, strongly consistent, read only as far as they are asked for. */
export interface Rows<T> {
  get(uuid: string): Promise<T | undefined>;
  inOrder(from: From): AsyncIterable<T>;
}

export interface Page<T> extends Listing {
  /** Whether a row is in the list. */
  wanted(row: T): boolean;
  /** Whether that leaves out most rows: then many are read at once. */
  selective: boolean;
  read(row: T, key: string): JsonValue;
  show(row: T): JsonObject;
}

/** A Lambda function answers with 6 MB at most, counted over a text in which our JSON is a string once more. */
export const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * One page and its links. In the default order, by UUID, it reads what it shows; any other `sort_key` reads the whole
 * collection for every page. A page that would be too large for the answer ends early, with a `next`.
 */
export async function listPage<T extends { uuid: string }>(
  rows: Rows<T>,
  values: Values,
  page: Page<T>,
): Promise<JsonObject> {
  const limit = limitOf(values);
  const { key, descending } = sortOf(values, page);
  const marker = markerOf(values);
  const keyed = key === 'id' || key === 'uuid';
  const at = marker === undefined || (keyed && isTimeOrdered(marker)) ? undefined : await rows.get(marker);
  if (marker !== undefined && at === undefined && !(keyed && isTimeOrdered(marker))) throw unknownMarker(marker);
  const ordered = keyed
    ? rows.inOrder({ after: marker, descending, expected: page.selective ? undefined : limit })
    : byValue(rows, (row) => page.read(row, key), descending, at);

  const shown: JsonObject[] = [];
  let [bytes, last, full] = [0, '', false];
  for await (const row of ordered) {
    if (!page.wanted(row)) continue;
    const document = page.show(row);
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify(document)));
    full = bytes > PAGE_BYTES && shown.length > 0;
    if (full) break;
    shown.push(document);
    last = row.uuid;
    full = shown.length === limit;
    if (full) break;
  }
  return { [page.name]: shown, ...(full ? nextLinks(page, limit, last) : {}) };
}

/** The marker is a place among the values: its row may have left the list since. */
async function* byValue<T extends { uuid: string }>(
  rows: Rows<T>,
  read: (row: T) => JsonValue,
  descending: boolean,
  marker: T | undefined,
): AsyncIterable<T> {
  const all: T[] = [];
  for await (const row of rows.inOrder({})) all.push(row);
  const order = (a: T, b: T) => (compare(read(a), read(b)) || compare(a.uuid, b.uuid)) * (descending ? -1 : 1);
  for (const row of all.sort(order)) if (marker === undefined || order(row, marker) > 0) yield row;
}

/** A collection that is at hand already, by UUID. */
export function rowsOf<T extends { uuid: string }>(rows: readonly T[]): Rows<T> {
  return ordered([...rows].sort((a, b) => compare(a.uuid, b.uuid)));
}

/** The few rows of one owner, as they were made: also where clients chose the UUIDs. */
export function rowsAsMade<T extends { uuid: string; created_at: string }>(rows: readonly T[]): Rows<T> {
  return ordered([...rows].sort((a, b) => compare(a.created_at, b.created_at) || compare(a.uuid, b.uuid)));
}

/** A marker that is gone stands where its UUID does. */
function ordered<T extends { uuid: string }>(rows: readonly T[]): Rows<T> {
  return {
    get: async (uuid) => rows.find((row) => row.uuid === uuid),
    async *inOrder({ after, descending = false }) {
      const all = descending ? rows.toReversed() : rows;
      const at = all.findIndex(({ uuid }) => uuid === after);
      const beyond = (uuid: string) => after === undefined || (descending ? uuid < after : uuid > after);
      yield* at < 0 ? all.filter(({ uuid }) => beyond(uuid)) : all.slice(at + 1);
    },
  };
}
