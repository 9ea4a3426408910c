import { sweepAgents } from '../../shared/agent/sweep-agents.ts';
import { Allocations } from '../../shared/allocation/allocations.ts';
import { syncPower } from '../../shared/drivers/sync-power.ts';
import { ageOut } from '../../shared/inbox/age-out.ts';
import type { Metrics } from '../../shared/metrics/metrics.ts';
import { recountPlaces } from '../../shared/run/run-places.ts';
import { Runs } from '../../shared/run/runs.ts';
import { type SweepResult, sweep } from '../../shared/run/sweep.ts';
import type { WorkflowServices } from '../workflow/advance.ts';

export type SweepServices = WorkflowServices & {
  metrics?: Metrics | undefined;
};

/** What the schedule says: how often it calls. */
export interface SweepInput {
  everySeconds?: number;
}
/** Of whoever calls it by hand. */
const EVERY_SECONDS = 300;
/** Looks that are further apart mean that nobody looked. */
const SWEEPS_MISSED = 3;
const LEAST_SECONDS = 20;
const HOUR_MS = 3_600_000;

/** Runs on a schedule, and once at the start of the local runtime. */
export function sweepHandler(services: SweepServices) {
  const runs = new Runs(services);
  let lastAt: number | undefined;
  let agentsAfter: string | undefined;
  let agedOutAt = Number.NEGATIVE_INFINITY;
  return async ({ everySeconds = EVERY_SECONDS }: SweepInput = {}): Promise<SweepResult> => {
    const now = services.clock.now();
    // Read once for both; what they write names the version that they read.
    const all = await services.nodes.list();
    const nodes = {
      list: async () => all,
      get: (uuid: string) => services.nodes.get(uuid),
      replace: (...change: Parameters<typeof services.nodes.replace>) => services.nodes.replace(...change),
    };
    const result = await sweep({ ...services, nodes });
    for (const run of result.resumed) {
      services.metrics?.record({ name: 'RunsStuck', value: 1, of: 'resumed' });
      services.log.warn('resumed a run whose execution was gone', { run });
    }
    for (const run of result.ended) {
      services.metrics?.record({ name: 'RunsStuck', value: 1, of: 'ended' });
      services.log.error('ended a run whose executions die', { run });
    }
    const turns = {
      from: lastAt ?? now - everySeconds * 1000,
      to: now,
      everySeconds: services.configuration.powerSyncSeconds,
    };
    lastAt = now;
    const power = await syncPower(all, turns, services);
    for (const node of power.lost) services.log.error('a BMC does not answer: its node is in maintenance', { node });
    for (const node of power.recovered) services.log.info('a BMC answers again', { node });
    if (power.left > 0) {
      services.log.warn('more BMCs than one sweep can ask: raise powerSyncSeconds', { reason: `${power.left} left` });
    }
    for (const allocation of await new Allocations({ ...services, nodes }).finishStale(all)) {
      services.log.warn('settled an allocation that was left on its way', { reason: allocation });
    }
    const gapMs = SWEEPS_MISSED * Math.max(everySeconds, LEAST_SECONDS) * 1000;
    const agents = await sweepAgents(all, { now, gapMs, after: agentsAfter }, { ...services, runs });
    agentsAfter = agents.next;
    for (const node of agents.lost) services.log.warn('an agent is lost', { node });
    for (const node of agents.provided) services.log.info('a machine that registered itself is provided', { node });
    for (const run of await recountPlaces(all, now, services.configuration.limits.concurrentRuns, services.counters)) {
      services.log.warn('freed the place of a run that does not go on', { run });
    }
    if (now - agedOutAt >= HOUR_MS) {
      await ageOut(services);
      agedOutAt = now;
    }
    return result;
  };
}
