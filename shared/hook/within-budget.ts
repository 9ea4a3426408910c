import type { Clock } from '../clock.ts';
import type { Hooks } from './hook-port.ts';

/** A machine waits at the gateway while hooks are asked, which gives up after 29 s. */
export const IDENTITY_BUDGET_SECONDS = 10;

/** Hooks that together take no more than so many seconds from now on, whatever each of them may take. */
export function withinBudget(hooks: Hooks, clock: Clock, seconds: number): Hooks {
  const until = clock.now() + seconds * 1000;
  return {
    async call(call) {
      const left = (until - clock.now()) / 1000;
      if (left <= 0) return { kind: 'failed', because: 'time-out', message: 'no time was left to ask it' };
      return hooks.call({ ...call, timeoutSeconds: Math.min(call.timeoutSeconds, left) });
    },
  };
}
