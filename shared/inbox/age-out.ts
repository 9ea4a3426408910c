import type { Clock } from '../clock.ts';
import type { DocumentStore } from '../documents.ts';
import type { Counters } from '../enrollment/counters.ts';
import { VersionConflict } from '../errors.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { INBOX_LIMITS, type InboxLimits, ROWS } from './room.ts';
import { documentOf, type Submission, uniqueOf } from './submission.ts';

export interface AgeOutDependencies {
  resources: Pick<ResourceStore, 'list' | 'remove'>;
  documents: DocumentStore;
  counters: Counters;
  clock: Clock;
  configuration: { inbox?: Partial<InboxLimits> };
}

const DAY_MS = 86_400_000;

/** A ramdisk asks again within half a minute: who was seen once, so long ago, does not wait. */
const SEEN_ONCE_MS = 600_000;

/**
 * Forgets machines that nobody has seen for long, whatever was decided on them, and counts the others anew. When more than
 * half of the rows are taken, it forgets as many as it may of those that came once and of whom nobody decided anything, the
 * oldest first: that is how a flood looks. Returns how many it forgot. Once an hour is often enough.
 */
export async function ageOut(given: AgeOutDependencies): Promise<number> {
  const { resources, documents, counters, clock } = given;
  const now = clock.now();
  const { keepDays, most } = { ...INBOX_LIMITS, ...given.configuration.inbox };
  const rows = await resources.list<Submission>('submission');
  const old = rows.filter((row) => now - Date.parse(row.last_seen_at) > keepDays * DAY_MS);
  const spare = rows.length - old.length - Math.ceil(most / 2);
  const once = rows
    .filter((row) => !old.includes(row) && row.count === 1 && row.decision === null)
    .filter((row) => now - Date.parse(row.last_seen_at) > SEEN_ONCE_MS)
    .sort((a, b) => Date.parse(a.last_seen_at) - Date.parse(b.last_seen_at));
  let gone = 0;
  for (const row of [...old, ...once.slice(0, Math.max(0, spare))]) {
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
