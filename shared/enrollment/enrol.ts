import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { ClaimTaken, Unavailable } from '../errors.ts';
import type { Hooks } from '../hook/hook-port.ts';
import { noHooks } from '../hook/no-hooks.ts';
import { rationedHooks } from '../hook/rationed-hooks.ts';
import { IDENTITY_BUDGET_SECONDS, withinBudget } from '../hook/within-budget.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import { type IdentifyDependencies, identify } from '../identity/identify.ts';
import { askedBefore, questionOf, verdictOf } from '../inbox/asked-before.ts';
import { findSubmissions } from '../inbox/find-submission.ts';
import { record } from '../inbox/record.ts';
import { remembered, together } from '../inbox/remembered.ts';
import type { InboxLimits } from '../inbox/room.ts';
import type { Submission } from '../inbox/submission.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { admit } from './admit.ts';
import { mayAskHooks, withPoliciesAhead } from './ask-policies.ts';
import type { Counters } from './counters.ts';
import { IMPLIED, type Verdict, verdictLines } from './decide-enrolment.ts';
import { type Judgement, judgeRemembered, judgeStranger } from './judge-stranger.ts';
import { type Caller, type Stranger, seenAs } from './stranger.ts';
import { takePlace } from './take-place.ts';
import { tellContradicted } from './tell-contradicted.ts';

export interface EnrolmentDependencies extends IdentifyDependencies {
  nodes: Pick<NodeStore, 'get' | 'create' | 'replace'>;
  resources: Pick<ResourceStore, 'get' | 'holders' | 'create' | 'replace' | 'remove'>;
  counters: Counters;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Pick<Configuration, 'enrollment' | 'limits' | 'matching'> & { inbox?: Partial<InboxLimits> };
  /** The operator's own code, for `matching.hook` and for policies that say `hook`. */
  hooks?: Hooks | undefined;
}

export type Found =
  | { found: true; node: Node; enrolled: boolean; decision: Decision; reasons: string[] }
  | ({ found: false } & Stranger);

const ATTEMPTS = 4;
/** Long enough for somebody else's enrolment to be there. */
const ONE_WRITE_MS = 100;
const TRY_AGAIN_SECONDS = 30;

/**
 * The node of a machine, found or enrolled. Idempotent: of many racing requests of one machine one enrols, the others
 * lose a claim and find what it made. What a person must decide is kept in the inbox.
 */
export async function findOrEnrol(evidence: Evidence, caller: Caller, given: EnrolmentDependencies): Promise<Found> {
  let known: Submission[] = [];
  const hooks = rationedHooks(withinBudget(given.hooks ?? noHooks, given.clock, IDENTITY_BUDGET_SECONDS), {
    ...given,
    machinesAMinute: given.configuration.limits.enrolmentsPerMinute,
    cameBefore: () => known.length > 0,
  });
  const ahead = { ...given, identity: withPoliciesAhead(given.identity, given) };
  const full = new Set<string>();
  const asking = { ...given, hooks, matching: given.configuration.matching, full };
  let nameTaken = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const builtIn = await identify(evidence, ahead);
    if (builtIn.verdict === 'match') return foundBy(builtIn);
    const asksHooks = await mayAskHooks(given);
    let alone: Promise<Judgement> | undefined;
    const judgeAlone = () => (alone ??= judgeStranger(evidence, builtIn, caller, asking));
    // Where nobody else is asked, a stranger who is not kept costs no look at the inbox.
    const early = asksHooks ? undefined : (await judgeAlone()).verdict;
    if (early && isUnkept(early)) return { found: false, verdict: early, decision: builtIn, submission: undefined };
    known = await findSubmissions(evidence, given.resources);
    const [memory, ...others] = remembered(evidence, known);
    if (others.length > 0) return { found: false, verdict: SEVERAL, decision: builtIn, submission: undefined };
    const whole = memory ? together(memory.evidence, evidence) : evidence;
    const question = questionOf(whole, caller.joinToken, memory !== undefined);
    // What was refused to the inspection is refused to the lookup that follows; never the other way round.
    const same = memory ? [question, questionOf(whole, caller.joinToken, false)] : [question];
    const told = asksHooks ? askedBefore(known, same, given.clock.now()) : undefined;
    if (told) return { found: false, verdict: verdictOf(told), decision: builtIn, submission: told };
    const judgement = memory
      ? await judgeRemembered(whole, await identify(whole, ahead), judgeAlone, caller, asking)
      : await judgeAlone();
    if (judgement.verdict === undefined) return foundBy(judgement.decision);
    const { decision, verdict, token } = judgement;
    if (isUnkept(verdict)) return { found: false, verdict, decision, submission: undefined };
    const rejected = known.find(({ state }) => state === 'rejected');
    if (verdict.outcome !== 'enroll' || rejected) {
      const final = rejected ? rejection(rejected) : verdict;
      const asked = hooks.wasAsked() && { asked: { at: timestamp(given.clock.now()), of: question } };
      const submission = await record({ ...seenAs(whole, decision, final, caller, token), ...asked }, known, given);
      if (submission) await tellContradicted(submission, given);
      return { found: false, verdict: final, decision, submission };
    }
    const place = await takePlace(verdict.policy, given);
    if (place.taken === 'full') {
      full.add(verdict.policy?.name ?? '');
      continue;
    }
    if (place.taken === 'late') {
      // Of many requests of one machine one has a place: look again before this one is sent away.
      if (attempt > 0) throw tooMany();
      await sleep(ONE_WRITE_MS);
      continue;
    }
    try {
      const { address } = caller;
      const waiting = memory ?? known[0];
      const node = await admit({ evidence: whole, decision, verdict, token, waiting, nameTaken, address }, given);
      return { found: true, node, enrolled: true, decision, reasons: [...decision.reasons, ...verdictLines(verdict)] };
    } catch (error) {
      if (!(error instanceof ClaimTaken)) throw error;
      // Somebody took one of these MACs, the name or the last use of the token since we looked: look again.
      await place.giveBack();
      nameTaken ||= error.kind === 'name';
    }
  }
  throw new Unavailable('The machine could not be enrolled: others changed the same values all the time');
}

const tooMany = () =>
  new Unavailable('Too many machines enrol at once; try again', TRY_AGAIN_SECONDS).noting({
    decision: 'lookup-refused',
    reason: 'too-many',
  });

const foundBy = (decision: Extract<Decision, { verdict: 'match' }>): Found => ({
  found: true,
  node: decision.node,
  enrolled: false,
  decision,
  reasons: decision.reasons,
});

/** Only an inspection can show that they are one; MACs alone may be of both. */
const SEVERAL: Verdict = {
  outcome: 'hold',
  reason: 'it shows MACs of several machines that were inspected and wait in the inbox',
  policy: null,
  passed: [],
};

/** A closed door costs nothing: what no policy names is refused without a trace, and so is who must come back inspected. */
const isUnkept = ({ outcome, policy }: Verdict): boolean =>
  outcome === 'wait' || (outcome === 'deny' && policy?.name === IMPLIED);

function rejection({ decided_by, decision }: Submission): Verdict {
  const why = decision?.reason == null ? '' : `: ${decision.reason}`;
  return { outcome: 'deny', reason: `rejected by ${decided_by}${why}`, policy: null, passed: [] };
}
