import { InvalidInput } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../resource/checks.ts';

/** Parts of a config drive that the server would build: kind and first microversion. */
const PARTS: Record<string, { since: number; accepts: (value: JsonValue) => boolean }> = {
  meta_data: { since: 56, accepts: isObject },
  network_data: { since: 56, accepts: isObject },
  user_data: {
    since: 56,
    accepts: (value) => value === null || typeof value === 'string' || typeof value === 'object',
  },
  vendor_data: { since: 59, accepts: isObject },
};
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/** An object, a URL or gzip + base64 (operator-api.md §4.4); an empty object counts as absent. */
export function configdriveOf(
  value: JsonValue | undefined,
  verb: string,
  minor: number,
): string | JsonObject | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (verb === 'rebuild' && minor < 35) throw new InvalidInput('configdrive with rebuild needs API version 1.35');
  if (typeof value === 'string') {
    if (value.includes('://') || BASE64.test(value)) return value;
    throw new InvalidInput('The configdrive is neither a URL nor base64');
  }
  if (!isObject(value)) throw new InvalidInput('The configdrive must be an object or a string');
  for (const [name, part] of Object.entries(value)) {
    const known = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined;
    if (known === undefined || !known.accepts(part)) throw new InvalidInput(`Invalid configdrive: ${name}`);
    if (minor < known.since) throw new InvalidInput(`A configdrive with ${name} needs API version 1.${known.since}`);
  }
  return Object.keys(value).length === 0 ? undefined : value;
}
