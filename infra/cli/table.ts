import Table from 'cli-table3';
import type { Json, Row } from './api.ts';

/** A column: its head, and what a row shows in it. */
export type Column = readonly [head: string, value: string | ((row: Row) => Json | undefined)];

const PLAIN = { head: [], border: [], compact: true };

/** Rows for people; `nothing` says what it means that there are none. */
export function table(rows: readonly Row[], columns: readonly Column[], nothing: string): string {
  if (rows.length === 0) return nothing;
  const made = new Table({ head: columns.map(([head]) => head), style: PLAIN });
  for (const row of rows) {
    made.push(columns.map(([, value]) => shown(typeof value === 'string' ? row[value] : value(row))));
  }
  return made.toString();
}

/** One thing, a line for each of its fields. */
export function card(fields: readonly (readonly [string, Json | undefined])[]): string {
  const made = new Table({ style: PLAIN });
  for (const [name, value] of fields) made.push([name, shown(value)]);
  return made.toString();
}

export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return printable(value);
  if (Array.isArray(value)) return value.map(shown).join('\n');
  if (typeof value !== 'object') return String(value);
  return Object.keys(value).length === 0 ? '' : printable(JSON.stringify(value));
}

/** A machine says what it is in its own words: nothing of that may steer a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get through
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�');
}

/** Seconds are enough for people. */
export function time(value: Json | undefined): string {
  return typeof value === 'string' ? value.slice(0, 19).replace('T', ' ') : '';
}
