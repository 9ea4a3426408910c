import { InvalidInput, NotAcceptable } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { type Check, described, isObject } from './checks.ts';

/** A field of a resource: one row of its table. A resource is a flat document of such fields. */
export interface Field {
  readonly name: string;
  /** First microversion that shows or accepts it. */
  readonly since: number;
  readonly create: boolean;
  readonly patch: boolean;
  /** What a patch's `remove` puts there. Undefined = it cannot be removed. */
  readonly reset: JsonValue | undefined;
  readonly check: Check;
}

/** A field in one line. Flags: `c`reatable, `p`atchable. Without a reset it cannot be removed. */
export type FieldRow = [
  name: string,
  since: number,
  flags: '' | 'c' | 'p' | 'cp',
  check?: Check,
  reset?: JsonValue | undefined,
];

const anything: Check = (value) => value as JsonValue;
/** Of `…_at`, which nobody sets. */
const time = described({ type: ['string', 'null'], format: 'date-time' }, anything);

export function fieldTable(rows: readonly FieldRow[]): readonly Field[] {
  return rows.map(([name, since, flags, check = name.endsWith('_at') ? time : anything, reset]) => ({
    name,
    since,
    create: flags.includes('c'),
    patch: flags.includes('p'),
    check,
    reset,
  }));
}

export function fieldNamed(fields: readonly Field[], name: string): Field | undefined {
  return fields.find((field) => field.name === name);
}

export function acceptable(field: Field, minor: number): void {
  if (field.since > minor) {
    throw new NotAcceptable(`Field ${field.name} needs API version 1.${field.since}, the request has 1.${minor}`);
  }
}

/** What a POST sent, checked field by field. Only the fields that were given are in the result. */
export function checkCreate(body: unknown, fields: readonly Field[], minor: number, what: string): JsonObject {
  if (!isObject(body)) throw new InvalidInput(`${what}: expected a JSON object`);
  const checked: JsonObject = {};
  for (const [name, value] of Object.entries(body)) {
    const field = fieldNamed(fields, name);
    if (field === undefined || !field.create) throw new InvalidInput(`${what}: unexpected field ${name}`);
    acceptable(field, minor);
    checked[name] = field.check(value, name);
  }
  return checked;
}
