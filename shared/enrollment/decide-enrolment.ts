import type { Configuration } from '../configuration.ts';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import { type Caller, judge } from './conditions.ts';
import type { Policy } from './policy.ts';

/** A policy that was asked before, and why it was not this one. */
export interface PassedOver {
  policy: string;
  why: string;
}

/** What happens to a machine that is nobody's, by which policy, and why not by an earlier one. */
export interface Verdict {
  /** `wait`: a policy asks for what only an inspection tells; the machine is neither held nor refused. */
  outcome: 'enroll' | 'hold' | 'deny' | 'wait' | 'hook';
  reason: string;
  /** Null where no policy was asked: a conflict, a join token that is no good. */
  policy: Policy | null;
  passed: PassedOver[];
}

/** Everything that the decision looks at. */
export interface EnrolmentCase {
  evidence: Evidence;
  decision: Exclude<Decision, { verdict: 'match' }>;
  caller: Caller;
  token: TokenCheck;
  /** Stored ones first. */
  policies: readonly Policy[];
  settings: Configuration['enrollment'];
  /** Policies that have enrolled their `max`. */
  full?: ReadonlySet<string>;
}

/** The last policy: what `enrollment.unknown` says. */
export const IMPLIED = 'enrollment.unknown';
export const BY_TOKEN = 'join token';

/** Pure. The first policy that applies wins; one that cannot be judged before an inspection stops the search. */
export function decideEnrolment(given: EnrolmentCase): Verdict {
  const { evidence, decision, token } = given;
  const none = { policy: null, passed: [] };
  if (token.verdict === 'refused') return { outcome: 'deny', reason: token.why, ...none };
  if (decision.verdict === 'conflict') {
    const { hook, outcome } = decision.explanation;
    return { outcome: decision.because === 'denied' ? 'deny' : 'hold', reason: hook ?? outcome, ...none };
  }
  if (macsOf(evidence).length === 0) {
    return { outcome: 'hold', reason: 'it showed no MAC, so a later lookup by MAC could not find it', ...none };
  }
  if (token.verdict === 'wait') return { outcome: 'wait', reason: token.why, ...none };
  return firstThatApplies(policiesFor(given), given);
}

/** A token that names a policy leads to that one only; one that names none enrols where no policy says otherwise. */
function policiesFor({ policies, token, settings }: EnrolmentCase): readonly Policy[] {
  const last: Policy = { name: IMPLIED, conditions: {}, outcome: settings.unknown, node: {}, limits: {} };
  if (token.verdict !== 'good') return [...policies, last];
  if (token.policy !== null) return policies.filter(({ name }) => name === token.policy);
  return [...policies, { ...last, name: BY_TOKEN, outcome: 'enroll' }];
}

function firstThatApplies(policies: readonly Policy[], given: EnrolmentCase): Verdict {
  const passed: PassedOver[] = [];
  for (const policy of policies) {
    const judgement = judge(policy.conditions, given.evidence, given.caller);
    if (judgement.verdict === 'unknown') {
      return { outcome: 'wait', reason: `policy ${policy.name}: ${judgement.why}`, policy, passed };
    }
    const why =
      judgement.verdict === 'fails'
        ? judgement.why
        : given.full?.has(policy.name)
          ? `it has enrolled its ${policy.limits.max} nodes`
          : undefined;
    if (why === undefined) return { outcome: policy.outcome, reason: reasonOf(policy, given), policy, passed };
    passed.push({ policy: policy.name, why });
  }
  const named = given.token.verdict === 'good' ? given.token.policy : null;
  return { outcome: 'deny', reason: `the policy ${named} of its join token does not apply`, policy: null, passed };
}

function reasonOf({ name, outcome }: Policy, { settings, caller }: EnrolmentCase): string {
  if (name === IMPLIED) return `enrollment.unknown is ${settings.unknown}`;
  if (name === BY_TOKEN) return `join token ${caller.token}`;
  return `policy ${name} says ${outcome}`;
}

/** For people: the outcome, and what was passed over. */
export const verdictLines = ({ reason, passed }: Pick<Verdict, 'reason' | 'passed'>): string[] => [
  reason,
  ...passed.map(({ policy, why }) => `policy ${policy} was passed over: ${why}`),
];
