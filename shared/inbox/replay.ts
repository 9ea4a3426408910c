import type { Configuration } from '../configuration.ts';
import { decideEnrolment, type Verdict, verdictLines } from '../enrollment/decide-enrolment.ts';
import { policiesInForce } from '../enrollment/policy-set.ts';
import { type IdentifyDependencies, identify } from '../identity/identify.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import { checkToken } from '../join-token/check-token.ts';
import { type JoinToken, nameOf } from '../join-token/join-token.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { Submission } from './submission.ts';

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

/** Decides again on what a machine showed, under today's nodes, matching and policies. Writes nothing. */
export async function replay(row: Submission, given: ReplayDependencies): Promise<Replay> {
  const decision = await identify(row.evidence, given);
  if (decision.verdict === 'match') {
    const outcome = decision.explanation.outcome;
    const changes = row.node === decision.node.uuid ? [] : [`was ${row.state}, would be node ${decision.node.uuid}`];
    const { uuid } = decision.node;
    const changed = changes.length > 0;
    return { outcome, verdict: 'match', node: uuid, reasons: decision.reasons, changed, changes };
  }
  const { enrollment } = given.configuration;
  const policies = await policiesInForce(given.resources, enrollment.policies);
  const token = await tokenOf(row, given);
  const caller = { address: row.source.address ?? undefined, token: token.verdict === 'good' ? token.name : undefined };
  const verdict = decideEnrolment({ evidence: row.evidence, decision, caller, token, policies, settings: enrollment });
  const state = verdict.outcome === 'hold' && decision.verdict === 'conflict' ? 'conflict' : AS_STATE[verdict.outcome];
  const changes = [
    ...(sameState(row.state, state) ? [] : [`was ${row.state}, would be ${state}`]),
    ...(row.reason === verdict.reason ? [] : [`because: ${verdict.reason} (was: ${row.reason})`]),
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

const sameState = (before: string, now: string): boolean => before === now || (before === 'refused' && now === 'held');

/** By the token that it came with, in the state that it has now. */
async function tokenOf({ source, evidence }: Submission, given: ReplayDependencies): Promise<TokenCheck> {
  if (source.join_token === null) return { verdict: 'none' };
  const token = await given.resources.get<JoinToken>('join_token', source.join_token);
  const check = checkToken(token, evidence, given.clock.now());
  return check.verdict === 'good' && token ? { ...check, name: nameOf(token) } : check;
}
