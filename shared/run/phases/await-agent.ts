import { isOnMedium, type Outcome, type PhaseContext } from '../outcome.ts';
import type { Phase } from '../run.ts';
import { describe } from './machine-phases.ts';

const BOOT = 'the machine to boot the ramdisk and report';
const BOOT_WITH_MEDIUM = `${BOOT} (its token is on the medium beside the ISO: without boot_method=vmedia among the ISO's kernel parameters its agent finds no token)`;

/** Waits for a beat of the ramdisk, then looks once at the agent's list: what is in it belongs to the past. */
export function awaitAgent({ run, event, facts }: PhaseContext<Extract<Phase, { kind: 'await-agent' }>>): Outcome {
  const { session } = facts;
  const left = run.memory['leftGeneration'];
  const fresh = session.reachable && session.generation !== left;
  const alive = run.present || (fresh && facts.now - session.lastBeatAt <= session.intervalSeconds * 1000);
  if (event.kind !== 'reply') {
    if (!alive) return { go: 'wait', run: { stage: 'waiting' }, for: isOnMedium(facts) ? BOOT_WITH_MEDIUM : BOOT };
    return { go: 'exchange', run: { stage: 'waiting' }, request: { to: 'agent', command: 'list' } };
  }
  switch (event.reply.kind) {
    case 'commands': {
      const last = event.reply.commands.at(-1);
      if (last?.command_status === 'RUNNING') {
        const stepDeadline = run.stepDeadline ?? facts.now + facts.stepSeconds * 1000;
        if (facts.now > stepDeadline) {
          const what = `${last.command_name}, which the agent began earlier`;
          const reason = `await-agent: ${what}, did not end within ${facts.stepSeconds} s`;
          return { go: 'fail', reason, stuck: true };
        }
        return {
          go: 'wait',
          run: { stepDeadline },
          for: `the agent to end ${last.command_name}, which it began earlier`,
        };
      }
      return {
        go: 'next',
        node: { power_state: 'power on', target_power_state: null },
        run: { present: true, generation: session.generation, lastCommandId: last?.id ?? null },
      };
    }
    case 'refused':
      return {
        go: 'fail',
        reason: `await-agent: the agent refused us: ${event.reply.status} ${event.reply.message}`,
        stuck: true,
      };
    default:
      return { go: 'wait', run: { present: false }, for: `the agent to answer (${describe(event.reply)})` };
  }
}
