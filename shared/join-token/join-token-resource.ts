import { InvalidInput } from '../errors.ts';
import { type Check, logicalName, nullable, text } from '../resource/checks.ts';
import { fieldTable } from '../resource/field.ts';
import type { Item, Resource } from '../resource/resource.ts';
import { type JoinToken, stateOf } from './join-token.ts';
import { isRange, rangeOf } from './serial-range.ts';

const time: Check = (value, name) => {
  const at = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw new InvalidInput(`Schema error for ${name}: expected a time, as 2030-01-31T12:00:00Z`);
  return new Date(at).toISOString();
};
const count: Check = (value, name) => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidInput(`Schema error for ${name}: expected a whole number from 1 to 1000000`);
};
const allowed: Check = (value, name) => {
  const list = typeof value === 'string' ? [value] : value;
  const good = Array.isArray(list) && list.length <= 100;
  if (!good) throw new InvalidInput(`Schema error for ${name}: expected a list of at most 100 texts; * stands for any`);
  return list.map((one) => globOrRange(one, name));
};
const globOrRange: Check = (value, name) => {
  const checked = String(text({ min: 1 })(value, name));
  const range = isRange(checked) ? rangeOf(checked) : undefined;
  if (typeof range === 'string') throw new InvalidInput(`Schema error for ${name}: ${checked}: ${range}`);
  return checked;
};

/** Join tokens as operators see them; the token itself is shown once, when it is made. */
export const JOIN_TOKEN: Resource = {
  kind: 'join_token',
  noun: 'join token',
  collection: 'join_tokens',
  path: 'nodeless/join_tokens',
  param: 'join_token',
  // biome-ignore format: a table reads best with its columns aligned
  fields: fieldTable([
    ['uuid',        1, ''],
    ['name',        1, 'c', nullable(logicalName), null],
    ['description', 1, 'c', nullable(text({ max: 1000 })), null],
    ['expires_at',  1, 'c', nullable(time), null],
    ['uses',        1, 'c', nullable(count), null],
    ['used',        1, '',  count, 0],
    ['serials',     1, 'c', allowed, []],
    ['models',      1, 'c', allowed, []],
    ['policy',      1, 'c', nullable(logicalName), null],
    ['state',       1, ''],
    ['revoked_at',  1, '',  nullable(time), null],
    ['revoked_by',  1, ''],
    ['created_by',  1, ''],
    ['created_at',  1, ''],
    ['updated_at',  1, ''],
  ]),
  short: [
    'uuid',
    'name',
    'description',
    'expires_at',
    'uses',
    'used',
    'serials',
    'models',
    'policy',
    'state',
    'revoked_at',
  ],
  mandatory: [],
  unsortable: ['serials', 'models', 'state'],
  unique: [['name']],
  namedSince: 1,
  gates: { read: [1, 404], write: [1, 404] },
  filters: {},
  detailSince: 1,
};

/** With the state that it has now. */
export const withState = (item: Item, now: number): Item => ({
  ...item,
  state: stateOf(item as unknown as JoinToken, now),
});
