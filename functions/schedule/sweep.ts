import { syncPower } from '../../shared/drivers/sync-power.ts';
import type { Metrics } from '../../shared/metrics/metrics.ts';
import { type SweepResult, sweep } from '../../shared/run/sweep.ts';
import type { WorkflowServices } from '../workflow/advance.ts';

export type SweepServices = WorkflowServices & { metrics?: Metrics | undefined };

/** Runs on a schedule, and once at the start of the local runtime. */
export function sweepHandler(services: SweepServices) {
  return async (): Promise<SweepResult> => {
    const result = await sweep(services);
    for (const run of result.resumed) {
      services.metrics?.record({ name: 'RunsStuck', value: 1, of: 'resumed' });
      services.log.warn('resumed a run whose execution was gone', { run });
    }
    for (const run of result.ended) {
      services.metrics?.record({ name: 'RunsStuck', value: 1, of: 'ended' });
      services.log.error('ended a run whose executions die', { run });
    }
    const power = await syncPower(services);
    for (const node of power.lost) services.log.error('a BMC does not answer: its node is in maintenance', { node });
    for (const node of power.recovered) services.log.info('a BMC answers again', { node });
    return result;
  };
}
