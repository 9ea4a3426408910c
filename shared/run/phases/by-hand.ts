import { isPresent, type Outcome, type PhaseContext } from '../outcome.ts';
import type { Phase, PowerEnd } from '../run.ts';

/** Nobody but a person can do it: the history says so, and the next phase waits and says for what. */
export function needsPerson(
  { phase, run, node }: PhaseContext<Extract<Phase, { kind: 'power' }>>,
  ends: PowerEnd,
  instruction: string,
): Outcome {
  // Its agent went off with it, or somebody has reported it.
  if (phase.target !== 'rebooting' && node.power_state === ends)
    return { go: 'next', node: { target_power_state: null }, said: 'is not needed: it is there' };
  const next = run.phases[run.cursor + 1]?.kind;
  const seen = next === 'await-agent' || next === 'await-inspection';
  return {
    go: 'next',
    // Who beats now may be the one that beat before: nobody knows what the person did.
    run: { present: false, memory: { ...run.memory, leftGeneration: null, reported: null } },
    insert: [{ kind: 'by-hand', ends, instruction, seen }],
    said: `needs a person. ${instruction}`,
  };
}

export function byHand({ phase, run, node, facts }: PhaseContext<Extract<Phase, { kind: 'by-hand' }>>): Outcome {
  const { ends, seen, instruction } = phase;
  if (run.memory['reported'] === ends) {
    const node = { power_state: ends, target_power_state: null };
    return { go: 'next', node, said: 'was reported', ...(seen ? {} : { revoke: true }) };
  }
  const inspected = Date.parse(node.inspection_finished_at ?? '') >= Date.parse(run.startedAt);
  // An agent that beats is no inventory, and one that could not be used is the reason why somebody is asked.
  const inspects = run.phases[run.cursor + 1]?.kind === 'await-inspection';
  const beats = !inspects && isPresent(facts) && run.unfit !== facts.session.generation;
  if (seen && (beats || inspected || run.refused))
    return { go: 'next', node: { target_power_state: null }, quiet: true };
  return { go: 'wait', run: { stage: 'waiting' }, for: `a person. ${instruction}` };
}
