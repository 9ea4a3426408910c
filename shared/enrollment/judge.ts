import { type Clock, timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
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
import { isAnother, isRejected, mayBeAnother } from '../inbox/rejected.ts';
import { completed, remembered, together } from '../inbox/remembered.ts';
import type { InboxLimits } from '../inbox/room.ts';
import { type Submission, UNDECIDED } from '../inbox/submission.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { admit } from './admit.ts';
import { mayAskHooks, withPoliciesAhead } from './ask-policies.ts';
import type { Counters } from './counters.ts';
import { IMPLIED, type Verdict } from './decide-enrolment.ts';
import { type Judgement, judgeRemembered, judgeStranger } from './judge-stranger.ts';
import { type Caller, type Stranger, seenAs } from './stranger.ts';
import { tellContradicted } from './tell-contradicted.ts';

export interface SightingDependencies extends IdentifyDependencies {
  nodes: Pick<NodeStore, 'get' | 'replace'>;
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

/** What may become a node, as soon as there is a place for it. */
export type Admissible = Omit<Parameters<typeof admit>[0], 'nameTaken' | 'address'>;

/** What one request may ask, and has learnt: hooks within its time and its share, policies that turned out to be full. */
export type Sighting = ReturnType<typeof sightingOf>;

export function sightingOf(given: SightingDependencies) {
  const seen: { rows: Submission[] } = { rows: [] };
  const hooks = rationedHooks(withinBudget(given.hooks ?? noHooks, given.clock, IDENTITY_BUDGET_SECONDS), {
    ...given,
    machinesAMinute: given.configuration.limits.enrolmentsPerMinute,
    cameBefore: () => seen.rows.length > 0,
  });
  const full = new Set<string>();
  return {
    ...given,
    identity: withPoliciesAhead(given.identity, given),
    matching: given.configuration.matching,
    hooks,
    full,
    seen,
  };
}

/** Whose machine it is, and if nobody's, whether it may become a node. Who may not is kept in the inbox, where that says so. */
export async function judge(evidence: Evidence, caller: Caller, asking: Sighting): Promise<Found | Admissible> {
  const builtIn = await identify(evidence, asking);
  if (builtIn.verdict === 'match') return foundBy(builtIn);
  const asksHooks = await mayAskHooks(asking);
  let alone: Promise<Judgement> | undefined;
  const judgeAlone = () => (alone ??= judgeStranger(evidence, builtIn, caller, asking));
  // Where nobody else is asked, a stranger who is not kept costs no look at the inbox.
  const early = asksHooks ? undefined : (await judgeAlone()).verdict;
  if (early && isUnkept(early)) return { found: false, verdict: early, decision: builtIn, submission: undefined };

  const rows = await findSubmissions(evidence, asking.resources);
  asking.seen.rows = rows;
  const [memory, ...others] = remembered(evidence, rows);
  if (others.length > 0) return { found: false, verdict: SEVERAL, decision: builtIn, submission: undefined };
  const whole = memory ? together(memory.evidence, evidence) : evidence;
  const question = questionOf(whole, caller.joinToken, memory !== undefined);
  // What was refused to the inspection is refused to the lookup that follows; never the other way round.
  const same = memory ? [question, questionOf(whole, caller.joinToken, false)] : [question];
  const told = asksHooks ? askedBefore(rows, same, asking.clock.now()) : undefined;
  if (told) return { found: false, verdict: verdictOf(told), decision: builtIn, submission: told };

  const judgement = memory
    ? await judgeRemembered(whole, await identify(whole, asking), judgeAlone, caller, asking)
    : await judgeAlone();
  if (judgement.verdict === undefined) return foundBy(judgement.decision);
  const { decision, verdict, token } = judgement;
  if (isUnkept(verdict)) return { found: false, verdict, decision, submission: undefined };
  const rejections = rows.filter((row) => isRejected(row) && !isAnother(row, whole));
  const isOpen = rejections.every((row) => token.verdict === 'good' && mayBeAnother(row, whole));
  if (verdict.outcome === 'enroll' && isOpen) {
    const waiting = memory ?? rows.find(({ state }) => UNDECIDED.includes(state));
    return { evidence: completed(whole, evidence), decision, verdict, token, waiting };
  }
  const [rejected] = rejections;
  const final = rejected ? rejection(rejected) : verdict;
  const asked = asking.hooks.wasAsked() && { asked: { at: timestamp(asking.clock.now()), of: question } };
  const submission = await record({ ...seenAs(whole, decision, final, caller, token), ...asked }, rows, asking);
  if (submission) await tellContradicted(submission, asking);
  return { found: false, verdict: final, decision, submission };
}

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
