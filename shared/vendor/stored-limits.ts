import type { Clock } from '../clock.ts';
import { type Counters, minuteOf } from '../enrollment/counters.ts';
import { Unavailable } from '../errors.ts';

const MINUTE_MS = 60_000;

/** Counts a call, or refuses it with `Unavailable` and the time after which it may come again. */
export interface Limits {
  take(key: string, perMinute: number): void | Promise<void>;
}

/** Calls per minute of all processes together: one conditional write a call, in the table that has no index. */
export function storedLimits(counters: Pick<Counters, 'take'>, clock: Clock): Limits {
  return {
    async take(key, perMinute) {
      const now = clock.now();
      const { counter, expiresAt } = minuteOf(`vendor ${key}`, now);
      if (await counters.take(counter, perMinute, expiresAt)) return;
      const seconds = Math.max(1, Math.ceil((MINUTE_MS - (now % MINUTE_MS)) / 1000));
      throw new Unavailable(`More than ${perMinute} calls of this method in a minute.`, seconds);
    },
  };
}
