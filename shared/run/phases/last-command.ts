import { powerCapability } from '../../drivers/registry.ts';
import { type Outcome, type PhaseContext, phaseName } from '../outcome.ts';
import type { Phase, Run } from '../run.ts';
import { commandError, driveCommand } from './agent-command.ts';

/** Breaks after which a command may have been heard. A refused connection alone proves nothing. */
const MAY_HAVE_ARRIVED = /no answer in time|ECONNRESET|EPIPE|hang up/;

/** The agent's last command. A machine that is off or rebooting may not answer any more: that counts as gone. */
export function leave(context: PhaseContext<Extract<Phase, { kind: 'leave' }>>): Outcome {
  const { event, run, phase, node } = context;
  if (!run.present && run.stage === 'start') return { go: 'next', said: 'is not needed: no agent is there' };
  const outlasted = context.run.waiting !== null && context.facts.now >= context.run.waiting.until;
  // Where no BMC is, nobody else sees that it goes off.
  const off = phase.command === 'standby.power_off' && powerCapability(node) !== 'exchange';
  const gone: Outcome = {
    go: 'next',
    run: { present: false, generation: null },
    revoke: true,
    ...(off ? { node: { power_state: 'power off' } } : {}),
  };
  if (event.kind === 'reply' && event.reply.kind === 'unreachable' && context.run.stage === 'sending') {
    // It may have arrived, or nobody has been there for the whole deadline. A refused connection alone proves nothing.
    if (MAY_HAVE_ARRIVED.test(event.reply.message) || outlasted) return gone;
  }
  const outcome = driveCommand(context, {
    name: phase.command,
    params: {},
    async: phase.command !== 'system.lockdown',
    succeeded: () => gone,
    failed: (ended) => ({ go: 'fail', reason: `${phase.command} failed: ${commandError(ended)}` }),
  });
  // RUNNING is all that one ever sees of it.
  return outcome.go === 'wait' && outcome.run?.stage === 'waiting' ? gone : outcome;
}

/** Of the told interval, the longest that an agent lets pass between two beats (contract §1.10). */
const LONGEST_GAP = 0.6;
/** A beat that was on its way when the command was heard. */
const LAST_BEAT_MS = 5000;

/**
 * A command that ends with the agent closing its API, whose reply was lost: after a pause in which an agent that has not
 * heard it would beat, its list is asked. With neither beat nor list it has done what it was told.
 */
export function orClosed(context: PhaseContext, outcome: Outcome): Outcome {
  const { phase, run, event, facts } = context;
  if (run.stage !== 'sending') return outcome;
  const heard = (word: 'perhaps' | 'no' | null, change: Partial<Run> = {}): Outcome =>
    outcome.go === 'fail'
      ? outcome
      : { ...outcome, run: { ...outcome.run, ...change, memory: { ...run.memory, heard: word } } };
  // Who sent it did not live to see the reply.
  if (event.kind !== 'reply') {
    return outcome.go === 'exchange' && run.tries === 0 && run.memory['heard'] !== 'no' ? heard('perhaps') : outcome;
  }
  const { reply } = event;
  // The list is told, and the command is not in it: it is sent once more.
  if (reply.kind === 'commands' && outcome.go === 'exchange') return heard(null, { tries: 0 });
  if (reply.kind !== 'unreachable') return outcome;
  if (run.tries === 0) {
    const lost = MAY_HAVE_ARRIVED.test(reply.message) || run.memory['heard'] === 'perhaps';
    if (!lost) return outcome.go === 'wait' ? heard('no') : outcome;
    return {
      go: 'pause',
      run: { tries: 1, memory: { ...run.memory, lostAt: facts.now } },
      seconds: Math.ceil(LONGEST_GAP * facts.session.intervalSeconds),
      for: `${phaseName(phase)}: the reply was lost (${reply.message}), and the agent may have closed its API`,
    };
  }
  const beats = facts.session.lastBeatAt > Number(run.memory['lostAt']) + LAST_BEAT_MS;
  return beats ? outcome : { go: 'next', said: 'is done: the reply was lost, and the agent has closed its API' };
}
