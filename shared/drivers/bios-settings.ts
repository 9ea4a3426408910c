import type { JsonObject, JsonValue } from '../json.ts';

/** Name → value, as a step's `settings` (a list of `name` and `value`) ask for them. */
export type BiosSettings = Readonly<Record<string, JsonValue>>;

/** What is wrong with the arguments of `apply_configuration`. */
export function settingsComplaint({ settings }: JsonObject): string | undefined {
  const fits = Array.isArray(settings) && settings.length > 0 && settings.every((one) => pairOf(one) !== undefined);
  return fits ? undefined : "it needs the argument settings, a list of {'name': ..., 'value': ...}";
}

export function settingsOf({ settings }: JsonObject): BiosSettings {
  return Object.fromEntries((Array.isArray(settings) ? settings : []).flatMap((one) => pairOf(one) ?? []));
}

function pairOf(setting: JsonValue): [[string, JsonValue]] | undefined {
  if (setting === null || typeof setting !== 'object' || Array.isArray(setting)) return undefined;
  const { name, value } = setting;
  const plain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return typeof name === 'string' && name !== '' && value !== undefined && plain ? [[name, value]] : undefined;
}

/** As they are kept and shown. */
export function textsOf(settings: JsonObject | BiosSettings): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
}
