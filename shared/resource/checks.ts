import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';

/** Takes what a client sent, returns what is stored, or throws InvalidInput with the field's name in it. */
export interface Check {
  (value: unknown, name: string): JsonValue;
  /** What JSON Schema can say of it, for the API's description. */
  readonly schema?: JsonObject;
}

export const described = (schema: JsonObject, check: (value: unknown, name: string) => JsonValue): Check =>
  Object.assign((value: unknown, name: string) => check(value, name), { schema });

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;
const LOGICAL_NAME = /^[A-Za-z0-9\-._~]{1,255}$/;
const RESERVED = new Set(['maintenance', 'management', 'states', 'vendor_passthru', 'detail', 'validate']);
const TRUE = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
export function isMac(value: unknown): value is string {
  return typeof value === 'string' && MAC.test(value);
}
export function isLogicalName(value: unknown): value is string {
  return typeof value === 'string' && LOGICAL_NAME.test(value) && !isUuid(value) && !RESERVED.has(value);
}
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Strings of the usual sets count (T11): the CLI sends "True". */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.toLowerCase() : undefined;
  if (word === undefined) return undefined;
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

function refused(name: string, expected: string): never {
  throw new InvalidInput(`Schema error for ${name}: expected ${expected}`);
}

export const uuid = described({ type: 'string', format: 'uuid' }, (value, name) =>
  isUuid(value) ? value.toLowerCase() : refused(name, 'a UUID'),
);
export const mac = described({ type: 'string', pattern: MAC.source.replaceAll('a-f', 'A-Fa-f') }, (value, name) =>
  isMac(value) ? value.toLowerCase() : refused(name, 'a MAC address with colons'),
);
export const logicalName = described({ type: 'string', pattern: LOGICAL_NAME.source }, (value, name) =>
  isLogicalName(value) ? value : refused(name, 'a logical name'),
);
export const boolean = described({ type: 'boolean' }, (value, name) => booleanOf(value) ?? refused(name, 'a boolean'));
export const object = described({ type: 'object' }, (value, name) =>
  isObject(value) ? value : refused(name, 'an object'),
);

export function text(limits: { max?: number; min?: number } = {}): Check {
  const { min = 0, max = 255 } = limits;
  return described({ type: 'string', minLength: min, maxLength: max }, (value, name) =>
    typeof value === 'string' && value.length >= min && value.length <= max
      ? value
      : refused(name, `a string of ${min} to ${max} characters`),
  );
}

export function nullable(check: Check): Check {
  const { type, ...rest } = check.schema ?? {};
  const schema = typeof type === 'string' ? { type: [type, 'null'], ...rest } : {};
  return described(schema, (value, name) => (value === null ? null : check(value, name)));
}

/** For bodies: an object with no other keys than these. */
export function objectWith(body: unknown, keys: readonly string[], what: string): JsonObject {
  if (!isObject(body)) throw new InvalidInput(`${what}: expected a JSON object`);
  const stranger = Object.keys(body).find((key) => !keys.includes(key));
  if (stranger !== undefined) throw new InvalidInput(`${what}: unexpected key ${stranger}`);
  return body;
}
