import { METRICS, type Measure, type Metrics, NAMESPACE } from '../../shared/metrics/metrics.ts';

/**
 * CloudWatch's embedded metric format: log lines that carry measures. They wait for the next line of this process, so
 * that a request stays one line; Lambda gives a process one request at a time. By hand, because the heartbeat's bundle
 * has no room for Powertools, and one format for all functions is easier to read than two.
 */
let waiting: Measure[] = [];
/** CloudWatch takes no more values of one metric from one line. */
const MOST_VALUES = 100;

export const emf: Metrics = {
  record: (measure) => {
    waiting.push(measure);
  },
};

interface Carried {
  dimensions: Record<string, string>;
  values: Record<string, number[]>;
}

/** What lines need beside their fields for the measures that wait. More than one where a dimension has two values, or a measure too many. */
export function embedded(now: number): object[] {
  const lines: Carried[] = [];
  for (const { name, value, of } of waiting) {
    const dimension = of === undefined ? undefined : METRICS[name].dimension?.name;
    const fits = ({ dimensions, values }: Carried) =>
      (values[name]?.length ?? 0) < MOST_VALUES && (dimension === undefined || (dimensions[dimension] ?? of) === of);
    const line = lines.find(fits) ?? { dimensions: {}, values: {} };
    if (!lines.includes(line)) lines.push(line);
    if (dimension !== undefined && of !== undefined) line.dimensions[dimension] = of;
    const mine = line.values[name] ?? [];
    mine.push(value);
    line.values[name] = mine;
  }
  waiting = [];
  return lines.map(({ dimensions, values }) => ({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: Object.keys(values).map((name) => directive(name as keyof typeof METRICS)),
    },
    ...dimensions,
    ...values,
  }));
}

function directive(name: keyof typeof METRICS): object {
  const { unit, dimension } = METRICS[name];
  return {
    Namespace: NAMESPACE,
    Dimensions: [dimension ? [dimension.name] : []],
    Metrics: [{ Name: name, Unit: unit }],
  };
}
