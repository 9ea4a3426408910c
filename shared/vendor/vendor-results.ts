import { type DocumentStore, documentKey } from '../documents.ts';
import type { JsonValue } from '../json.ts';
import { LOST_AFTER_MS } from './background.ts';

/** What became of an asynchronous call. */
export interface VendorOutcome {
  call: string;
  method: string;
  /** Node uuid or driver name: only its callers may ask. */
  subject: string;
  state: 'running' | 'done' | 'failed';
  result: JsonValue;
  error: string | null;
  started_at: string;
  finished_at: string | null;
}

export interface VendorResults {
  put(outcome: VendorOutcome): Promise<void>;
  get(call: string): Promise<VendorOutcome | undefined>;
}

/** What a caller hears: a call whose process has died says so, and does not run for ever. */
export function outcomeAt(outcome: VendorOutcome, now: number): VendorOutcome {
  if (outcome.state !== 'running' || now - Date.parse(outcome.started_at) < LOST_AFTER_MS) return outcome;
  return {
    ...outcome,
    state: 'failed',
    error: 'It was begun, and how it ended is not known: look before you call again.',
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Outcomes as documents, so that whichever process is asked knows. */
export function documentResults(documents: DocumentStore): VendorResults {
  return {
    put: (outcome) =>
      documents.put(keyOf(outcome.call), new TextEncoder().encode(JSON.stringify(outcome)), 'application/json'),
    async get(call) {
      // The id comes from a query: anything but a uuid could name another document.
      if (!UUID.test(call)) return undefined;
      const bytes = await documents.get(keyOf(call));
      return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as VendorOutcome);
    },
  };
}

function keyOf(call: string): string {
  return documentKey('vendor-calls', `${call}.json`);
}
