import type { Node } from '../node/node.ts';
import { byHandThen, faultOf, nextAction, sentence } from './next-action.ts';
import { type Facts, phaseName } from './outcome.ts';
import type { Run, RunEvent } from './run.ts';

/**
 * Any answer is life: deadlines count silence, and silence of ours (an outage) is not the machine's. A beat is life by the
 * answer that it brings about: who beats and cannot be asked would be waited for for ever.
 */
export function isAlive(first: RunEvent, now: RunEvent): boolean {
  return [first, now].some((e) => e.kind === 'reply' && !MUTE.has(e.reply.kind));
}
const MUTE: ReadonlySet<string> = new Set(['unreachable', 'pending', 'accepted', 'power', 'stepped']);

/** Looking this much later than we meant to means that the outage was ours. */
const LATE_MS = 60_000;
/** After that, this much later is another outage: many sweeps would have looked in between. */
const OUTAGE_MS = 1_800_000;

/**
 * Until when it waits. Any life moves it. Who looks only long after the deadline was not there to see life, either: the
 * machine gets one more interval to show itself before it is declared dead.
 */
export function patience(
  run: Run,
  alive: boolean,
  facts: Facts,
  pauseSeconds: number,
): Omit<NonNullable<Run['waiting']>, 'for'> {
  const { waiting } = run;
  const whole = { since: waiting?.since ?? facts.now, until: facts.now + facts.deadlineSeconds * 1000 };
  // A pause of ours is no silence of the machine's: it must be over before the deadline is.
  const paused = pauseSeconds > 0 ? facts.now + pauseSeconds * 1000 + LATE_MS : 0;
  if (!waiting) return { ...whole, until: Math.max(whole.until, paused) };
  if (alive) return whole;
  const late = facts.now - waiting.until > (waiting.graced ? OUTAGE_MS : LATE_MS);
  return late
    ? { since: waiting.since, until: facts.now + facts.session.intervalSeconds * 1000, graced: true }
    : waiting;
}

/** What it says when it has waited in vain. */
export function silence(node: Node, run: Run, waitedFor: string, facts: Facts, event: RunEvent): string {
  const phase = run.phases[run.cursor];
  const name = phaseName(phase);
  const why = event.kind === 'time-is-up' ? ` (${event.why})` : '';
  const whatFor = waitedFor.replace(/\.$/, '').replace(`, ${ASKS_AGAIN}`, '');
  const next = phase?.kind === 'by-hand' ? sentence(byHandThen(run.flow, node)) : advice(node, run, facts);
  return `${run.flow} stopped in ${name}: waited ${facts.deadlineSeconds} s for ${whatFor}${why}. ${next}`;
}

/** Said while there is a next heartbeat to hope for. */
export const ASKS_AGAIN = 'asking again at its next heartbeat';

/** An agent that beats has a way to us; what it lacks is an answer to us, or we lack the way to it. */
function advice(node: Node, run: Run, { now, session }: Facts): string {
  const phase = run.phases[run.cursor];
  const beats = session.reachable && now - session.lastBeatAt <= 2 * session.intervalSeconds * 1000;
  const look =
    beats && phase?.kind !== 'await-inspection'
      ? "Its agent beats, so the way from the machine to here is open: check the way from here to the agent's address (firewall, route; on AWS the " +
        'network of the function reach), then the console of the machine; power it off and on'
      : 'Check the console of the machine and its network to the agent API, power it off and on';
  return `${look}, then ${nextAction(run.flow, node, faultOf(phase))}`;
}

export function heldTooLong(run: Run, facts: Facts): string {
  const next = `Start the ${run.flow} again, or give it longer with deadlines.hold`;
  return `${run.flow} was held for ${facts.holdSeconds} s and nobody said unhold. ${next}`;
}
