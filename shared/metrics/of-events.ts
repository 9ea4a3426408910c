import type { PublishedEvent } from '../events/published-event.ts';
import { METRICS, type Measure } from './metrics.ts';

const RESULTS: readonly unknown[] = METRICS.RunsEnded.dimension.values;

/** State changes are counted where they are published: nobody else sees all of them. */
export function measuresOfEvent({ event_type, detail }: PublishedEvent): Measure[] {
  if (event_type === 'enrolled') return [{ name: 'Enrolments', value: 1 }];
  const { result } = detail;
  if (event_type !== 'run' || typeof result !== 'string' || !RESULTS.includes(result)) return [];
  return [{ name: 'RunsEnded', value: 1, of: result }];
}
