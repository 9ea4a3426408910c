import { InvalidInput } from '../errors.ts';
import { described } from './checks.ts';

const MAX_TRAITS = 50;
const MAX_LENGTH = 255;
/** Namespaces of os-traits, and the operator's own. */
const TRAIT = /^(CUSTOM|HW|COMPUTE|STORAGE|MISC|OWNER)_[A-Z0-9_]+$/;

export function isTrait(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_LENGTH && TRAIT.test(value);
}

export function traitOf(value: unknown): string {
  if (isTrait(value)) return value;
  throw new InvalidInput(`Invalid trait ${String(value)}: expected a standard trait or CUSTOM_[A-Z0-9_]+`);
}

/** Each once, sorted. */
export function traitSet(traits: Iterable<string>, what: string): string[] {
  const set = [...new Set(traits)].sort();
  if (set.length > MAX_TRAITS) throw new InvalidInput(`${what} can have at most ${MAX_TRAITS} traits`);
  return set;
}

const SCHEMA = { type: 'string', maxLength: MAX_LENGTH, pattern: TRAIT.source };
export const trait = described(SCHEMA, traitOf);

export const traitList = described({ type: 'array', items: SCHEMA, maxItems: MAX_TRAITS }, (value, name) => {
  if (!Array.isArray(value)) throw new InvalidInput(`${name} must be a list of traits`);
  return traitSet(value.map(traitOf), name);
});
