import type { JsonValue } from '../node/node.ts';
import type { Check } from './checks.ts';
import type { Field } from './field.ts';

/** `c`: may be given at creation, `p`: may be patched. Without a reset it cannot be removed. */
export type FieldRow = [name: string, since: number, flags: '' | 'c' | 'p' | 'cp', check?: Check, reset?: JsonValue];

const anything: Check = (value) => value as JsonValue;

export function fieldsOf(rows: readonly FieldRow[]): readonly Field[] {
  return rows.map(([name, since, flags, check = anything, reset]) => ({
    name,
    since,
    create: flags.includes('c'),
    patch: flags.includes('p'),
    check,
    reset,
  }));
}
