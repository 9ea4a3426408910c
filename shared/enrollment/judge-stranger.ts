import { askMatchHook, type MatchHookTools } from '../hook/match-hook.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import { nodeText } from '../identity/explanation.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import { type PolicyDependencies, verdictOn } from './ask-policies.ts';
import type { Verdict } from './decide-enrolment.ts';
import type { Caller } from './stranger.ts';

type Match = Extract<Decision, { verdict: 'match' }>;
type NoMatch = Exclude<Decision, { verdict: 'match' }>;

/** What hooks and policies make of a machine that the built-in decision does not know. */
export type Judgement =
  | { decision: Match; verdict?: undefined }
  | { decision: NoMatch; verdict: Verdict; token: TokenCheck };

interface Given extends PolicyDependencies, MatchHookTools {
  /** Policies that have enrolled their `max`. */
  full: ReadonlySet<string>;
}

export async function judgeStranger(
  evidence: Evidence,
  builtIn: Decision,
  caller: Caller,
  given: Given,
): Promise<Judgement> {
  const decision = await askMatchHook(evidence, builtIn, given);
  return decision.verdict === 'match' ? { decision } : asked(evidence, decision, caller, given);
}

/**
 * Of a machine that shows less than its inspection did. What is remembered of it can hold it back, and completes the node
 * that it becomes; it lets nobody in whom the request alone would not, because whoever says one of its MACs finds it.
 */
export async function judgeRemembered(
  whole: Evidence,
  builtIn: Decision,
  alone: () => Promise<Judgement>,
  caller: Caller,
  given: Given,
): Promise<Judgement> {
  const judgement =
    builtIn.verdict === 'match' ? { decision: builtIn } : await judgeStranger(whole, builtIn, caller, given);
  if (judgement.decision.verdict === 'match') return asked(whole, heldBack(judgement.decision), caller, given);
  if (judgement.verdict?.outcome !== 'enroll') return judgement;
  const own = await alone();
  return own.verdict?.outcome === 'enroll' ? judgement : own;
}

const asked = async (evidence: Evidence, decision: NoMatch, caller: Caller, given: Given): Promise<Judgement> => ({
  decision,
  ...(await verdictOn(evidence, decision, caller, given.full, given)),
});

/** An inspection's match gives no token, and leads to a node only once its MACs do. */
function heldBack({ node, reasons, explanation: { hook: _hook, ...explanation } }: Match): NoMatch {
  const was = `by what its inspection showed it is node ${nodeText({ node: node.uuid, name: node.name })}`;
  const outcome = `conflict: ${was}, which its MACs alone do not say; its next inspection leads there, or a person says so`;
  return {
    verdict: 'conflict',
    nodes: [node.uuid],
    because: 'held',
    reasons: [outcome, ...reasons],
    explanation: { ...explanation, outcome },
  };
}
