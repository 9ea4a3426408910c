import type { JsonObject, JsonValue } from '../json.ts';
import { isObject } from '../resource/checks.ts';
import { isSecretName } from '../resource/view.ts';
import { MASK } from './node.ts';

export interface Split {
  /** What the row may hold. */
  driver_info: JsonObject;
  secret_keys: string[];
  /** New values for the secrets table, by key. */
  fresh: JsonObject;
}

/** Takes what agent functions must not read out of `driver_info`. A mask that comes back means "as before" (T12). */
export function splitSecrets(info: JsonObject, knownKeys: readonly string[]): Split {
  const split: Split = { driver_info: {}, secret_keys: [], fresh: {} };
  for (const [key, value] of Object.entries(info)) {
    const known = value === MASK && knownKeys.includes(key);
    const secret = known || (value !== MASK && holdsSecret(key, value));
    split.driver_info[key] = secret ? MASK : value;
    if (secret) split.secret_keys.push(key);
    if (secret && !known) split.fresh[key] = value;
  }
  return split;
}

/** A value with a password somewhere inside is a secret as a whole. */
function holdsSecret(key: string, value: JsonValue): boolean {
  if (isSecretName(key)) return true;
  if (Array.isArray(value)) return value.some((item) => holdsSecret('', item));
  return isObject(value) && Object.entries(value).some(([name, inner]) => holdsSecret(name, inner));
}
