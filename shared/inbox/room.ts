import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type Counters, takeShare } from '../enrollment/counters.ts';

/** An open write path needs bounds: strangers must not fill the store. */
export interface InboxLimits {
  /** New rows, of all machines together. */
  perMinute: number;
  most: number;
  /** After the machine was last seen. */
  keepDays: number;
}
export const INBOX_LIMITS: InboxLimits = { perMinute: 60, most: 5000, keepDays: 30 };
/** How many rows there are; the sweeper counts anew. */
export const ROWS = 'submissions';

/** So long a machine that found no room is known to have knocked: it comes back within seconds. */
const KNOCKED_MS = 600_000;

/**
 * Strangers whose MACs nobody sees again may fill half of a minute and three quarters of the rows. The rest is for who
 * knocks a second time, as every ramdisk does: one write for a knock that finds no room. Returns how often it was seen; 0 is
 * no room.
 */
export async function roomFor(
  key: string,
  limits: InboxLimits,
  { counters, clock }: { counters: Counters; clock: Clock },
): Promise<0 | 1 | 2> {
  const now = clock.now();
  const place = async (cameBefore: boolean): Promise<boolean> => {
    if (!(await takeShare(counters, { name: ROWS, most: limits.perMinute, cameBefore, now }))) return false;
    return counters.take(ROWS, cameBefore ? limits.most : Math.ceil((limits.most * 3) / 4));
  };
  if (await place(false)) return 1;
  const knocked = createHash('sha256').update(key).digest('base64url');
  if (await counters.take(`knocked ${knocked}`, 1, now + KNOCKED_MS)) return 0;
  return (await place(true)) ? 2 : 0;
}
