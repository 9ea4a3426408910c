import { type SweepResult, sweep } from '../../shared/run/sweep.ts';
import type { WorkflowServices } from '../workflow/advance.ts';

export type SweepServices = WorkflowServices;

/** Runs on a schedule, and once at the start of the local runtime. */
export function sweepHandler(services: SweepServices) {
  return async (): Promise<SweepResult> => {
    const result = await sweep(services);
    for (const run of result.resumed) services.log.warn('resumed a run whose execution was gone', { run });
    for (const run of result.ended) services.log.error('ended a run whose executions die', { run });
    return result;
  };
}
