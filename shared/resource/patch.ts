import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from './checks.ts';
import { acceptable, type Field, fieldNamed } from './field.ts';
import { unmasked } from './view.ts';

export interface Operation {
  op: 'add' | 'replace' | 'remove';
  /** Segments; the first one is the field. */
  path: [string, ...string[]];
  value?: JsonValue;
}

const OPERATIONS = new Set(['add', 'replace', 'remove']);
const PATH = /^(\/[\w-]+)+$/;

/** The body of a PATCH (operator-api.md §2.2), checked without the resource. */
export function parsePatch(body: unknown, fields: readonly Field[], minor: number): Operation[] {
  if (!Array.isArray(body)) throw new InvalidInput('Patch: expected a list of operations');
  return body.map((entry: unknown): Operation => {
    if (!isObject(entry)) throw new InvalidInput('Patch: expected objects with op, path and value');
    const { op, path, value, ...more } = entry;
    if (Object.keys(more).length > 0) throw new InvalidInput(`Patch: unexpected key ${Object.keys(more)[0]}`);
    if (typeof op !== 'string' || !OPERATIONS.has(op)) throw new InvalidInput(`Patch: invalid operation ${op}`);
    if (typeof path !== 'string' || !PATH.test(path)) throw new InvalidInput(`Patch: invalid path ${path}`);
    if (op !== 'remove' && value === undefined) throw new InvalidInput(`Patch: ${op} ${path} needs a value`);
    const [root = '', ...rest] = path.slice(1).split('/');
    const field = fieldNamed(fields, root);
    if (field === undefined || !field.patch) {
      const allowed = fields.filter((one) => one.patch).map(({ name }) => name);
      throw new InvalidInput(`Cannot patch /${root}. Only the following can be updated: ${allowed.join(', ')}`);
    }
    acceptable(field, minor);
    const operation = { op: op as Operation['op'], path: [root, ...rest] as Operation['path'] };
    return value === undefined ? operation : { ...operation, value };
  });
}

/** All or nothing, on a copy. Masks that come back are filled in, and roots that were touched are checked. */
export function applyPatch(
  document: JsonObject,
  operations: readonly Operation[],
  fields: readonly Field[],
): JsonObject {
  const result = structuredClone(document);
  for (const operation of operations) {
    const [root, ...rest] = operation.path;
    if (rest.length > 0) nested(result, operation);
    else if (operation.op === 'remove') result[root] = reset(fields, root);
    else result[root] = structuredClone(operation.value ?? null);
  }
  for (const root of new Set(operations.map(({ path }) => path[0]))) {
    result[root] = unmasked(result[root] ?? null, document[root]);
  }
  for (const { op, path } of operations) {
    const field = fieldNamed(fields, path[0]);
    // What `remove` put there is the field's own default: nothing to check, and null may be it.
    if (field === undefined || (op === 'remove' && path.length === 1)) continue;
    result[path[0]] = field.check(result[path[0]], path[0]);
  }
  return result;
}

function reset(fields: readonly Field[], root: string): JsonValue {
  const value = fieldNamed(fields, root)?.reset;
  if (value === undefined) throw new InvalidInput(`Patch: /${root} is mandatory and can not be removed`);
  return structuredClone(value);
}

function nested(document: JsonObject, { op, path, value }: Operation): void {
  const where = `/${path.join('/')}`;
  const key = path[path.length - 1] ?? '';
  let parent: JsonValue | undefined = document;
  for (const segment of path.slice(0, -1)) parent = member(parent, segment);
  if (Array.isArray(parent)) {
    inList(parent, op, key, value, where);
    return;
  }
  if (!isObject(parent)) throw new InvalidInput(`Patch: the parent of ${where} does not exist`);
  if (op !== 'add' && !Object.hasOwn(parent, key)) throw new InvalidInput(`Patch: ${where} does not exist`);
  if (op === 'remove') delete parent[key];
  else Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

function inList(
  list: JsonValue[],
  op: Operation['op'],
  key: string,
  value: JsonValue | undefined,
  where: string,
): void {
  const end = op === 'add' ? list.length : list.length - 1;
  const index = key === '-' && op === 'add' ? list.length : /^\d{1,6}$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > end) throw new InvalidInput(`Patch: ${where} does not exist`);
  if (op === 'remove') list.splice(index, 1);
  else list.splice(index, op === 'add' ? 0 : 1, value ?? null);
}

function member(parent: JsonValue | undefined, segment: string): JsonValue | undefined {
  if (Array.isArray(parent)) return /^\d{1,6}$/.test(segment) ? parent[Number(segment)] : undefined;
  return isObject(parent) && Object.hasOwn(parent, segment) ? parent[segment] : undefined;
}
