import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../clock.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { MASK } from '../node/node.ts';
import type { Field } from './field.ts';

export type Link = { href: string; rel: string };

/** `self` and `bookmark`, with what the client can reach in front (T3). */
export function links(publicUrl: string, path: string): Link[] {
  return [
    { href: `${publicUrl}/v1/${path}`, rel: 'self' },
    { href: `${publicUrl}/${path}`, rel: 'bookmark' },
  ];
}

/** What a version shows of a document. Times get their offset here (T9), whatever wrote them. */
export function view(
  document: JsonObject,
  fields: readonly Field[],
  minor: number,
  only?: readonly string[],
): JsonObject {
  const shown: JsonObject = {};
  for (const { name, since } of fields) {
    if (since > minor || (only !== undefined && !only.includes(name))) continue;
    const value = document[name] ?? null;
    shown[name] = name.endsWith('_at') && typeof value === 'string' ? timestamp(Date.parse(value)) : value;
  }
  return shown;
}

const SECRET =
  /password|passwd|pswd|passphrase|admin_?pass|secret|token|auth_key|priv_key|private_key|encrypted_key|ssl_?key|configdrive/i;

export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Every value under a password-like key becomes six asterisks, at any depth. */
export function masked(value: JsonValue, alsoHidden: readonly string[] = []): JsonValue {
  if (Array.isArray(value)) return value.map((item) => masked(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecretName(key) || alsoHidden.includes(key) ? MASK : masked(inner),
    ]),
  );
}

/** A mask that comes back means "as before": what stood at its place stays (T12). */
export function unmasked(given: JsonValue, before: JsonValue | undefined): JsonValue {
  if (Array.isArray(given)) {
    if (!Array.isArray(before)) return given;
    const shownAs = (row: JsonValue) => (one: JsonValue | undefined) =>
      one !== undefined && isDeepStrictEqual(masked(one), row);
    // The row at this place; one that has moved is known by how it was shown.
    return given.map((row, at) => {
      const same = shownAs(row);
      const moved = same(before[at]) ? undefined : before.find(same);
      return unmasked(row, moved ?? (given.length === before.length || same(before[at]) ? before[at] : undefined));
    });
  }
  if (!isDocument(given) || !isDocument(before)) return given;
  return Object.fromEntries(
    Object.entries(given).map(([key, value]) => {
      const earlier = Object.hasOwn(before, key) ? before[key] : undefined;
      return [key, value === MASK && earlier !== undefined ? earlier : unmasked(value, earlier)];
    }),
  );
}

const isDocument = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
