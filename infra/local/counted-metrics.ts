import type { Measure, Metrics } from '../../shared/metrics/metrics.ts';

/** What CloudWatch is on AWS: counts since the start. `Held`, `RunsEnded done` … */
export class CountedMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  record({ name, value, of }: Measure): void {
    const key = of === undefined ? name : `${name} ${of}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + value);
  }
}
