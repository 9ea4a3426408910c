import type { JsonObject, JsonValue } from '../json.ts';
import { masked } from '../resource/view.ts';
import type { NewEvent } from './node.ts';

/** A history is read by people: longer than this is looked up where it was written. */
const LONGEST_VALUE = 200;

/** What an operator did to a machine or its records, where the node's own change tells nothing of it. */
export function actEvent(user: string | null, what: string, given: JsonObject): NewEvent {
  const shown = masked(given) as JsonObject;
  const words = Object.entries(shown).map(([name, value]) => `${name} ${inWords(value)}`);
  const event = `${user ?? 'An operator'}: ${what}${words.length === 0 ? '' : ` (${words.join(', ')})`}`;
  return { event_type: 'acted', event, severity: 'INFO', user, detail: { act: what, given: shown } };
}

function inWords(value: JsonValue | undefined): string {
  return (typeof value === 'string' ? value : JSON.stringify(value ?? null)).slice(0, LONGEST_VALUE);
}
