import type { Configuration } from '../configuration.ts';
import { decideEnrolment, type Verdict, verdictLines } from '../enrollment/decide-enrolment.ts';
import type { Decided } from '../enrollment/kept-decision.ts';
import { policiesInForce } from '../enrollment/policy-set.ts';
import { type IdentifyDependencies, identify } from '../identity/identify.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import { checkToken } from '../join-token/check-token.ts';
import { type JoinToken, nameOf } from '../join-token/join-token.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { SubmissionState } from './submission.ts';

/** What a kept submission would come to today. */
export interface Replay {
  outcome: string;
  verdict: 'match' | Verdict['outcome'];
  node: string | null;
  reasons: string[];
  changed: boolean;
  changes: string[];
}

export interface ReplayDependencies extends IdentifyDependencies {
  resources: Pick<ResourceStore, 'get'>;
  clock: { now(): number };
  configuration: Pick<Configuration, 'enrollment' | 'matching'>;
}

const AS_STATE = {
  enroll: 'enrolled',
  hold: 'held',
  deny: 'denied',
  wait: 'waiting',
  hook: 'asked of a hook',
} as const;

/** What is decided on again, and what it came to. */
export interface Replayed extends Pick<Decided, 'evidence' | 'source' | 'reason'> {
  /** Of a submission, or `enrolled`: a policy made the node of it. */
  state: SubmissionState | 'enrolled';
  node: string | null;
}

/**
 * Decides again on what a machine showed, under today's nodes, matching and policies. Writes nothing. What a policy enrolled
 * is asked as it was then: without the node that came of it.
 */
export async function replay(before: Replayed, given: ReplayDependencies): Promise<Replay> {
  const { evidence } = before;
  const decision = await identify(evidence, before.state === 'enrolled' ? without(before.node, given) : given);
  if (decision.verdict === 'match') {
    const outcome = decision.explanation.outcome;
    const { uuid } = decision.node;
    const changes = before.node === uuid ? [] : [`was ${before.state}, would be node ${uuid}`];
    const changed = changes.length > 0;
    return { outcome, verdict: 'match', node: uuid, reasons: decision.reasons, changed, changes };
  }
  const { enrollment } = given.configuration;
  const policies = await policiesInForce(given.resources, enrollment.policies);
  const token = await tokenOf(before, given);
  const caller = {
    address: before.source.address ?? undefined,
    token: token.verdict === 'good' ? token.name : undefined,
  };
  const verdict = decideEnrolment({ evidence, decision, caller, token, policies, settings: enrollment });
  const state = verdict.outcome === 'hold' && decision.verdict === 'conflict' ? 'conflict' : AS_STATE[verdict.outcome];
  const changes = [
    ...(sameState(before.state, state) ? [] : [`was ${before.state}, would be ${state}`]),
    ...(before.reason === verdict.reason ? [] : [`because: ${verdict.reason} (was: ${before.reason})`]),
  ];
  return {
    outcome: `${state}: ${verdict.reason}`,
    verdict: verdict.outcome,
    node: null,
    reasons: [...new Set([...verdictLines(verdict), ...decision.reasons])],
    changed: changes.length > 0,
    changes,
  };
}

const without = (node: string | null, given: ReplayDependencies): ReplayDependencies => ({
  ...given,
  nodes: { get: async (uuid) => (uuid === node ? undefined : given.nodes.get(uuid)) },
});

const sameState = (before: string, now: string): boolean => before === now || (before === 'refused' && now === 'held');

/** By the token that it came with, in the state that it has now; its own use is not counted against it. */
async function tokenOf({ source, evidence, state }: Replayed, given: ReplayDependencies): Promise<TokenCheck> {
  if (source.join_token === null) return { verdict: 'none' };
  const stored = await given.resources.get<JoinToken>('join_token', source.join_token);
  const token = stored && state === 'enrolled' ? { ...stored, used: stored.used - 1 } : stored;
  const check = checkToken(token, evidence, given.clock.now());
  return check.verdict === 'good' && token ? { ...check, name: nameOf(token) } : check;
}
