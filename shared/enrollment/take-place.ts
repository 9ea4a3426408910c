import type { Clock } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { type Counters, minuteOf } from './counters.ts';
import type { Policy } from './policy.ts';

/** `full`: the policy has enrolled its `max`. `late`: this minute has no more places. */
export type Place = { taken: 'full' } | { taken: 'late' } | { taken: 'yes'; giveBack(): Promise<void> };

/** The counter of a policy: what it ever enrolled, or with a minute behind it. */
export const enrolledBy = (policy: string): string => `enrolled by ${policy}`;

/**
 * A place among the enrolments of this minute and of the policy, counted for all processes together. Given back when
 * somebody else was faster, so that many requests of one machine are one.
 */
export async function takePlace(
  policy: Policy | null,
  given: { counters: Counters; clock: Clock; configuration: Pick<Configuration, 'limits'> },
): Promise<Place> {
  const { max, per_minute } = policy?.limits ?? {};
  const name = enrolledBy(policy?.name ?? 'nobody');
  const now = given.clock.now();
  const all = minuteOf('enrolled', now);
  const mine = minuteOf(name, now);
  const places = [
    { ...all, most: given.configuration.limits.enrolmentsPerMinute, lasts: false },
    ...(per_minute === undefined ? [] : [{ ...mine, most: per_minute, lasts: false }]),
    ...(max === undefined ? [] : [{ counter: name, expiresAt: undefined, most: max, lasts: true }]),
  ];
  const taken: string[] = [];
  const giveBack = async () => {
    for (const counter of taken.splice(0)) await given.counters.giveBack(counter);
  };
  for (const { counter, most, expiresAt, lasts } of places) {
    if (await given.counters.take(counter, most, expiresAt)) {
      taken.push(counter);
      continue;
    }
    await giveBack();
    return lasts ? { taken: 'full' } : { taken: 'late' };
  }
  return { taken: 'yes', giveBack };
}
