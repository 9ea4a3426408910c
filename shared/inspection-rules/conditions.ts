import { BlockList, isIP } from 'node:net';
import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { booleanOf } from '../resource/checks.ts';
import { isUnfilled } from './values.ts';

type Test = (args: JsonObject) => boolean;

const LONGEST_MATCHED = 10_000;

function neighbours(compare: (a: JsonValue, b: JsonValue) => boolean): Test {
  return ({ values, force_strings: strings }) => {
    if (!Array.isArray(values)) throw new InvalidInput('values must be a list');
    const list = booleanOf(strings) ? values.map(String) : values;
    return list.slice(1).every((value, index) => compare(list[index] ?? null, value));
  };
}

function ordered(a: JsonValue, b: JsonValue, sign: 1 | -1): boolean {
  const comparable = typeof a === typeof b && (typeof a === 'number' || typeof a === 'string');
  if (!comparable || a === null || b === null) throw new InvalidInput(`${a} and ${b} can not be compared`);
  return sign === 1 ? a > b : a < b;
}

function pattern({ value, regex }: JsonObject, whole: boolean): boolean {
  const text = String(value).slice(0, LONGEST_MATCHED);
  return new RegExp(whole ? `^(?:${regex})$` : String(regex)).test(text);
}

const inNet: Test = ({ address, subnet }) => {
  const [net = '', bits = ''] = String(subnet).split('/');
  const family = isIP(net);
  if (family === 0 || isIP(String(address)) === 0) throw new InvalidInput(`${address} or ${subnet} is no address`);
  if (isIP(String(address)) !== family) return false;
  const list = new BlockList();
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  list.addSubnet(net, bits === '' ? (family === 6 ? 128 : 32) : Number(bits), kind);
  return list.check(String(address), kind);
};

const EMPTY = ['', 'null', 'None', '[]', '{}'];
const asText = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);
const isOneOf = (value: JsonValue | undefined, words: string[]): boolean =>
  typeof value === 'string' && words.includes(value.toLowerCase());

export const TESTS: Readonly<Record<string, Test>> = {
  eq: neighbours((a, b) => JSON.stringify(a) === JSON.stringify(b)),
  lt: neighbours((a, b) => ordered(a, b, -1)),
  gt: neighbours((a, b) => ordered(a, b, 1)),
  'is-empty': ({ value }) => isUnfilled(value) || EMPTY.includes(asText(value)),
  'is-none': ({ value }) => value === null || value === 'null' || value === 'None',
  'is-true': ({ value }) =>
    typeof value === 'number' ? value !== 0 : value === true || isOneOf(value, ['yes', 'true']),
  'is-false': ({ value }) =>
    typeof value === 'number' ? value === 0 : value === false || value === null || isOneOf(value, ['no', 'false']),
  'in-net': inNet,
  matches: (args) => pattern(args, true),
  contains: (args) => pattern(args, false),
  'one-of': ({ value, values }) =>
    Array.isArray(values) && values.some((one) => JSON.stringify(one) === JSON.stringify(value)),
};
