import { isPresent, type Outcome, type PhaseContext } from '../outcome.ts';
import type { ExchangeReply, Phase } from '../run.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

export const PRESENT = 'is not needed: the machine is present';
/** Seconds between looks at a BMC: at most 8 a step (design §4), soon at first, three minutes in all. */
export const PAUSES = [2, 3, 5, 10, 20, 30, 60, 60] as const;
/** A look that changes nothing is not worth three minutes. */
const FEW = 3;

/** Another try after a pause, or the end of patience. */
export function tryAgain(
  run: { tries: number },
  what: string,
  reply: ExchangeReply,
  most: number = PAUSES.length,
): Outcome {
  const seconds = run.tries < most ? PAUSES[run.tries] : undefined;
  if (seconds === undefined) return { go: 'fail', reason: `${what}: ${describe(reply)}` };
  return { go: 'pause', run: { tries: run.tries + 1 }, seconds, for: `${what} (${describe(reply)})` };
}

export function powerState({ run, event, facts }: Of<'power-state'>): Outcome {
  if (run.stage === 'start' || event.kind !== 'reply') {
    return { go: 'exchange', run: { stage: 'sending' }, request: { to: 'driver', action: 'power-state' } };
  }
  switch (event.reply.kind) {
    case 'power':
      // Where no BMC tells, a machine is off until its agent speaks: clients need one of the two (operator-api.md T19).
      return { go: 'next', node: { power_state: event.reply.state ?? (isPresent(facts) ? 'power on' : 'power off') } };
    case 'unsupported':
      return { go: 'next' };
    case 'pending':
      return { go: 'wait', for: 'the power state' };
    case 'unreachable':
      return tryAgain(run, 'the power state could not be read', event.reply, FEW);
    default:
      return { go: 'fail', reason: `the power state could not be read: ${describe(event.reply)}` };
  }
}

export function inspectBmc({ run, event }: Of<'inspect-bmc'>): Outcome {
  if (run.stage === 'start' || event.kind !== 'reply') {
    return { go: 'exchange', run: { stage: 'sending' }, request: { to: 'driver', action: 'inspect' } };
  }
  switch (event.reply.kind) {
    case 'accepted':
      return { go: 'next' };
    case 'pending':
      return { go: 'wait', for: 'what the BMC knows of the machine' };
    case 'unreachable':
      return tryAgain(run, 'the BMC could not be asked what the machine is', event.reply);
    case 'refused':
      return { go: 'fail', reason: `the inspection by the BMC was refused: ${describe(event.reply)}` };
    default:
      return { go: 'fail', reason: `the BMC could not be asked what the machine is: ${describe(event.reply)}` };
  }
}

export function refuse({ phase }: Of<'refuse'>): Outcome {
  return { go: 'fail', reason: phase.reason };
}

export function lifecycle({ phase }: Of<'lifecycle'>): Outcome {
  return { go: 'next', lifecycle: phase.event };
}

export function describe(reply: { kind: string; message?: string; state?: string | null }): string {
  return reply.message ?? (reply.state === undefined ? reply.kind : `it is ${reply.state ?? 'unknown'}`);
}
