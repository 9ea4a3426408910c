import type { Clock } from '../clock.ts';
import { type Counters, takeShare } from '../enrollment/counters.ts';
import type { HookReply, Hooks } from './hook-port.ts';

/** Both hooks may be asked about each machine that may enrol in a minute. */
const ASKED_A_MACHINE = 2;
const NOT_ASKED: HookReply = {
  kind: 'failed',
  because: 'not-asked',
  message: 'strangers have asked so often in this minute that it was not asked',
};

/** Hooks that all strangers of all processes together may have asked so often a minute; `wasAsked` tells whether it was. */
export function rationedHooks(
  hooks: Hooks,
  given: { counters: Pick<Counters, 'take'>; clock: Clock; machinesAMinute: number; cameBefore(): boolean },
): Hooks & { wasAsked(): boolean } {
  const most = ASKED_A_MACHINE * given.machinesAMinute;
  let asked = false;
  return {
    async call(call) {
      const share = { name: 'hooks asked', most, cameBefore: given.cameBefore(), now: given.clock.now() };
      if (!(await takeShare(given.counters, share))) return NOT_ASKED;
      asked = true;
      return hooks.call(call);
    },
    wasAsked: () => asked,
  };
}
