import { type Outcome, type PhaseContext, phaseName } from '../outcome.ts';
import { rebootIntoRamdisk } from '../power-ways.ts';
import type { Phase } from '../run.ts';
import { describe, tryAgain } from './machine-phases.ts';

type Context = PhaseContext<Extract<Phase, { kind: 'driver-step' }>>;

/** Looks after a restart, a minute apart: firmware takes its time to take settings over. */
const LOOKS = 15;
const BETWEEN_SECONDS = 60;

/** A step that the driver carries out itself. What counts from the next boot on is seen to count before it is done. */
export function driverStep(context: Context): Outcome {
  const { phase, node, run, event } = context;
  const { step, ramdisk, restarted } = phase;
  const name = phaseName(phase);
  if (run.stage === 'start' || event.kind !== 'reply') {
    const action = restarted ? 'check-step' : 'run-step';
    return { go: 'exchange', run: { stage: 'sending' }, request: { to: 'driver', action, step } };
  }
  const { reply } = event;
  switch (reply.kind) {
    case 'stepped': {
      if (reply.lacking !== undefined) return lookAgain(context, reply.lacking);
      if (restarted) return { go: 'next', ...(ramdisk && !run.present && { insert: [{ kind: 'await-agent' }] }) };
      if (!reply.restart) return { go: 'next' };
      const why = `${name} counts from the next boot on`;
      const restart: Phase[] = ramdisk ? rebootIntoRamdisk(node, why) : [{ kind: 'power', target: 'rebooting', why }];
      return { go: 'next', said: 'asks for a restart', insert: [...restart, { ...phase, restarted: true }] };
    }
    case 'pending':
      return { go: 'wait', for: `step ${name}` };
    case 'unreachable':
      return restarted
        ? lookAgain(context, describe(reply))
        : tryAgain(run, `step ${name} could not be carried out`, reply);
    default:
      return { go: 'fail', reason: `step ${name} failed: ${describe(reply)}` };
  }
}

/** Meanwhile the firmware may restart the machine once more, and its agent with it: that is no accident. */
function lookAgain({ phase, run }: Context, lacking: string): Outcome {
  const name = phaseName(phase);
  if (run.tries >= LOOKS) return { go: 'fail', reason: `step ${name} failed after the restart: ${lacking}` };
  return {
    go: 'pause',
    run: { tries: run.tries + 1, present: false, generation: null },
    seconds: BETWEEN_SECONDS,
    for: `${name} to be in force (${lacking})`,
  };
}
