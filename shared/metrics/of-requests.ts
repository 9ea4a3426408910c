import type { LogFields } from '../log.ts';
import { METRICS, type Measure, type MetricName } from './metrics.ts';

/** What a request's `decision` counts as. `reason` is then a value of the metric's dimension. */
const COUNTED: Readonly<Record<string, MetricName>> = {
  held: 'Held',
  conflict: 'Conflicts',
  'lookup-refused': 'LookupsRefused',
  'beat-refused': 'BeatsRefused',
  'login-refused': 'LoginsRefused',
};

/** The measures of one request, out of its one log line. */
export function measuresOfRequest(api: 'agent' | 'operator', { status = 0, decision, reason }: LogFields): Measure[] {
  const name = COUNTED[decision ?? ''];
  const measures: Measure[] = status >= 500 ? [{ name: 'NotAnswered', value: 1, of: api }] : [];
  if (name === undefined) return measures;
  const values: readonly string[] = METRICS[name].dimension?.values ?? [];
  if (values.length === 0) return [...measures, { name, value: 1 }];
  return reason !== undefined && values.includes(reason) ? [...measures, { name, value: 1, of: reason }] : measures;
}
