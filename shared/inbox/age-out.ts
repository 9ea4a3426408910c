import type { Clock } from '../clock.ts';
import type { DocumentStore } from '../documents.ts';
import type { Counters } from '../enrollment/counters.ts';
import { VersionConflict } from '../errors.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { INBOX_LIMITS, type InboxLimits, ROWS } from './record.ts';
import { documentOf, type Submission, uniqueOf } from './submission.ts';

export interface AgeOutDependencies {
  resources: Pick<ResourceStore, 'list' | 'remove'>;
  documents: DocumentStore;
  counters: Counters;
  clock: Clock;
  configuration: { inbox?: Partial<InboxLimits> };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Forgets machines that nobody has seen for long, whatever was decided on them, and counts the others anew. Once an hour,
 * however often it is called; returns how many it forgot.
 */
export async function ageOut(given: AgeOutDependencies): Promise<number> {
  const { resources, documents, counters, clock } = given;
  const now = clock.now();
  const hour = Math.floor(now / HOUR_MS);
  if (!(await counters.take(`inbox swept#${hour}`, 1, (hour + 2) * HOUR_MS))) return 0;
  const { keepDays } = { ...INBOX_LIMITS, ...given.configuration.inbox };
  const rows = await resources.list<Submission>('submission');
  const old = rows.filter((row) => now - Date.parse(row.last_seen_at) > keepDays * DAY_MS);
  let gone = 0;
  for (const row of old) {
    try {
      await resources.remove('submission', row, row.keys.map(uniqueOf));
      await documents.remove?.(documentOf(row.uuid));
      gone += 1;
    } catch (error) {
      // It was seen again at this moment, so it stays.
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
  await counters.set(ROWS, rows.length - gone);
  return gone;
}
