import type { Clock } from '../clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Hooks } from './hook-port.ts';

/** Hooks whose answers are timed: machines wait for them. */
export const measuredHooks = (hooks: Hooks, metrics: Metrics, clock: Clock): Hooks => ({
  async call(call) {
    const asked = clock.now();
    const reply = await hooks.call(call);
    metrics.record({ name: 'HookMilliseconds', value: clock.now() - asked, of: reply.kind });
    return reply;
  },
});
