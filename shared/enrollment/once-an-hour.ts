import type { Clock } from '../clock.ts';
import type { Counters } from './counters.ts';

const HOUR_MS = 3_600_000;

export interface HourDependencies {
  counters: Pick<Counters, 'take'>;
  clock: Clock;
}

/** Whoever knows a MAC can make us say the same again and again: once an hour of each node is enough to be read. */
export function onceAnHour(subject: string, node: string, { counters, clock }: HourDependencies): Promise<boolean> {
  const hour = Math.floor(clock.now() / HOUR_MS);
  return counters.take(`${subject} ${node}#${hour}`, 1, (hour + 2) * HOUR_MS);
}
