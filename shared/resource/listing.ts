import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isTimeOrdered } from './new-uuid.ts';
import { compare, type Listing, limitOf, markerOf, nextLinks, sortOf, unknownMarker, type Values } from './query.ts';

/** Where to begin, and how many rows are likely to be wanted: absent = any number. */
export interface From {
  after?: string | undefined;
  descending?: boolean;
  expected?: number | undefined;
  /** Only these properties are wanted: the others may be absent, or as if nobody had set them. */
  only?: readonly string[] | undefined;
}

/** Rows in the order of their UUIDs, strongly consistent, read only as far as they are asked for. */
export interface Rows<T> {
  get(uuid: string): Promise<T | undefined>;
  /** Those that are there, in any order. */
  many(uuids: readonly string[]): Promise<T[]>;
  inOrder(from: From): AsyncIterable<T>;
}

export interface Page<T> extends Listing {
  /** Whether a row is in the list. */
  wanted(row: T): boolean;
  /** Whether that leaves out most rows: then many are read at once. */
  selective: boolean;
  read(row: T, key: string): JsonValue;
  /** Properties that `wanted` and `read` look at; where it is not said, rows are read whole. */
  parts?(key: string): readonly (keyof T & string)[];
  /** Properties that `show` looks at besides these; absent = it may look at all. */
  shows?: readonly (keyof T & string)[] | undefined;
  show(row: T): JsonObject;
}

/** A Lambda function answers with 6 MB at most, counted over a text in which our JSON is a string once more. */
export const PAGE_BYTES = 4 * 1024 * 1024;

/** More cannot be sorted in the 28 s of a request, by parts of rows and by whole ones. */
export const MOST_SORTED = { parts: 200_000, whole: 50_000 };

/**
 * One page and its links. In the default order, by UUID, it reads what it shows. Any other `sort_key` is charged for the
 * whole collection with every page; of each row only a place in the order is kept, and then the page's rows are read.
 * A page that would be too large for the answer ends early, with a `next`.
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
  const sorted = keyed ? undefined : await byValue(rows, page, { key, descending, limit, marker: at });
  const expected = page.selective ? undefined : limit;
  const only = page.shows && page.parts && [...page.parts('uuid'), ...page.shows];
  const ordered = sorted?.rows ?? rows.inOrder({ after: marker, descending, expected, only });

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
  full ||= last !== '' && sorted?.more === true;
  return { [page.name]: shown, ...(full ? nextLinks(page, limit, last) : {}) };
}

interface Place {
  value: JsonValue;
  uuid: string;
}

/** The rows of one page by a value, as they are when the order is known. The marker is a place: its row may have left the list. */
async function byValue<T extends { uuid: string }>(
  rows: Rows<T>,
  { wanted, read, parts }: Page<T>,
  { key, descending, limit, marker }: { key: string; descending: boolean; limit: number; marker: T | undefined },
): Promise<{ rows: T[]; more: boolean }> {
  const order = (a: Place, b: Place) => (compare(a.value, b.value) || compare(a.uuid, b.uuid)) * (descending ? -1 : 1);
  const start = marker && { value: read(marker, key), uuid: marker.uuid };
  const most = parts === undefined ? MOST_SORTED.whole : MOST_SORTED.parts;
  let [places, seen]: [Place[], number] = [[], 0];
  for await (const row of rows.inOrder({ only: parts?.(key) })) {
    seen += 1;
    if (seen > most) throw tooMany(most, key);
    if (!wanted(row)) continue;
    const place = { value: read(row, key), uuid: row.uuid };
    if (start !== undefined && order(place, start) <= 0) continue;
    // Twice the page is kept at most, so that memory does not grow with the collection.
    if (places.push(place) > 2 * limit) places = places.sort(order).slice(0, limit);
  }
  const more = places.length >= limit;
  places = places.sort(order).slice(0, limit);
  const found = new Map((await rows.many(places.map(({ uuid }) => uuid))).map((row) => [row.uuid, row]));
  return { rows: places.flatMap(({ uuid }) => found.get(uuid) ?? []), more };
}

const tooMany = (most: number, key: string): InvalidInput =>
  new InvalidInput(
    `More than ${most} rows cannot be sorted by ${key} within one request. ` +
      'Leave sort_key out, follow the pages (they come in the order of UUIDs), and sort what you got',
  );

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
    many: async (uuids) => rows.filter(({ uuid }) => uuids.includes(uuid)),
    async *inOrder({ after, descending = false }) {
      const all = descending ? rows.toReversed() : rows;
      const at = all.findIndex(({ uuid }) => uuid === after);
      const beyond = (uuid: string) => after === undefined || (descending ? uuid < after : uuid > after);
      yield* at < 0 ? all.filter(({ uuid }) => beyond(uuid)) : all.slice(at + 1);
    },
  };
}
