import { stateOf } from '../../lifecycle/states.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import type { Phase, Run } from '../run.ts';

type Of<K extends Phase['kind']> = PhaseContext<Extract<Phase, { kind: K }>>;

/** While nobody drives the agent it may come and go; afterwards it is waited for, if there was one. */
function away(run: Run): Partial<Run> {
  return { stage: 'waiting', present: false, memory: { ...run.memory, hadAgent: run.present } };
}

function back(run: Run): Outcome {
  return { go: 'next', ...(run.memory['hadAgent'] === true ? { insert: [{ kind: 'await-agent' }] } : {}) };
}

/** Until an operator's `unhold` has moved the node out of its hold state. */
export function hold({ run, node }: Of<'hold'>): Outcome {
  const why = 'an operator to say unhold';
  if (run.stage === 'start') return { go: 'hold', run: away(run), for: why };
  return stateOf(node.provision_state).class === 'hold' ? { go: 'hold', for: why } : back(run);
}

export function pause({ phase, run, facts }: Of<'pause'>): Outcome {
  const why = `the step's ${phase.seconds} s to pass`;
  if (run.stage === 'start') return { go: 'pause', run: away(run), seconds: phase.seconds, for: why };
  const rest = Math.ceil(((run.waiting?.since ?? 0) + phase.seconds * 1000 - facts.now) / 1000);
  return rest > 0 ? { go: 'pause', seconds: rest, for: why } : back(run);
}

/** The agent has closed its API on purpose: nobody is expected to beat any more. */
export function gone(): Outcome {
  return { go: 'next', run: { present: false, generation: null }, revoke: true, quiet: true };
}

/**
 * The ramdisk's logs. The shell puts them among the documents; here only their key is seen. Whatever goes wrong, the
 * run ends as it would have ended.
 */
export function collectLogs({ run, event, facts }: Of<'collect-logs'>): Outcome {
  const wanted = run.present && (facts.logs === 'always' || (facts.logs === 'on_failure' && run.failing));
  if (run.stage === 'start' && !wanted) return { go: 'next', quiet: true };
  if (run.stage === 'start' || event.kind !== 'reply') {
    const request = { to: 'agent', command: 'run', name: 'log.collect_system_logs', params: {}, wait: true } as const;
    // Once more after a crash, but not for ever.
    return run.tries > 1
      ? { go: 'next', said: 'was given up' }
      : { go: 'exchange', run: { stage: 'sending', tries: run.tries + 1 }, request };
  }
  const { reply } = event;
  if (reply.kind === 'command' && reply.command.command_status === 'SUCCEEDED') {
    const key = reply.command.command_result?.['document'];
    const logs = typeof key === 'string' ? { logs: key } : {};
    return { go: 'next', run: { ...logs, lastCommandId: reply.command.id }, said: 'is done' };
  }
  return { go: 'next', said: `did not work: ${'message' in reply ? reply.message : reply.kind}` };
}
