import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../resource/checks.ts';

/** `{node.driver}`, `{inventory[interfaces][0][mac_address]}`, `{item}`: names and keys, no code. */
const FIELD = /\{([a-z_]+)((?:\.\w+|\[[^\][{}]+\])*)\}/g;
const SEGMENT = /\.(\w+)|\[([^\][{}]+)\]/g;

export function valueAt(root: JsonValue | undefined, segments: readonly string[]): JsonValue | undefined {
  let value = root;
  for (const segment of segments) {
    if (Array.isArray(value)) value = /^\d{1,6}$/.test(segment) ? value[Number(segment)] : undefined;
    else value = isObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  }
  return value;
}

/** Texts with what they name in place of the names; what is not there stays as it was written. Results are strings. */
export function filledIn(value: JsonValue, scope: JsonObject): JsonValue {
  if (Array.isArray(value)) return value.map((item) => filledIn(item, scope));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, scope)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(FIELD, (whole, root: string, path: string) => {
    const segments = [...path.matchAll(SEGMENT)].map(([, name, key]) => name ?? key ?? '');
    const found = Object.hasOwn(scope, root) ? valueAt(scope[root], segments) : undefined;
    if (found === undefined) return whole;
    return typeof found === 'string' ? found : JSON.stringify(found);
  });
}

/** Whether something was named that is not there. */
export function isUnfilled(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && new RegExp(`^${FIELD.source}$`).test(value);
}

/** `driver_info/ipmi_address`, `/driver_info/ipmi_address` and `driver_info.ipmi_address` are the same. */
export function pathOf(path: JsonValue | undefined): string[] {
  const text = String(path ?? '').replace(/^\//, '');
  return text.split(text.includes('/') ? '/' : '.').filter((segment) => segment !== '');
}
