import type { Decision } from '../identity/decide.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { Seen } from '../inbox/record.ts';
import type { Submission } from '../inbox/submission.ts';
import type { TokenCheck } from '../join-token/check-token.ts';
import type { LogFields } from '../log.ts';
import { type Verdict, verdictLines } from './decide-enrolment.ts';

/** How the request came. */
export interface Caller {
  /** As the gateway saw it. */
  address?: string;
  /** As it stood in the URL; whatever a caller put there. */
  joinToken?: string;
  request: 'lookup' | 'inspection';
}

/** A machine that is nobody's. */
export interface Stranger {
  verdict: Verdict;
  decision: Decision;
  submission: Submission | undefined;
}

/** What the inbox keeps of it. */
export function seenAs(
  evidence: Evidence,
  decision: Decision,
  verdict: Verdict,
  caller: Caller,
  token: TokenCheck = { verdict: 'none' },
): Seen {
  return {
    state: stateAs(evidence, decision, verdict),
    evidence,
    explanation: decision.explanation,
    reasons: [...new Set([...verdictLines(verdict), ...decision.reasons])],
    reason: verdict.reason,
    policy: verdict.policy?.name ?? null,
    passed: verdict.passed,
    candidates:
      decision.verdict === 'conflict' ? decision.nodes : decision.explanation.candidates.map(({ node }) => node),
    source: {
      address: caller.address ?? null,
      request: caller.request,
      join_token: token.verdict === 'none' ? null : token.uuid,
    },
  };
}

function stateAs(evidence: Evidence, decision: Decision, { outcome }: Verdict): Seen['state'] {
  if (outcome === 'deny') return 'denied';
  if (decision.verdict === 'conflict') return 'conflict';
  return macsOf(evidence).length === 0 ? 'refused' : 'held';
}

/** What the log says of a machine that is nobody's: for people, who see its reasons in the inbox. */
export function strangerJournal({ verdict, decision, submission }: Stranger): LogFields {
  const more = {
    ...(verdict.policy && { policy: verdict.policy.name }),
    ...(submission && { submission: submission.uuid }),
  };
  if (verdict.outcome === 'deny') return { decision: 'lookup-refused', reason: 'denied', ...more };
  if (verdict.outcome === 'wait') return { decision: 'lookup-refused', reason: 'not-now', ...more };
  if (decision.verdict === 'conflict') return { decision: 'conflict', reason: decision.nodes.join(', '), ...more };
  return { decision: 'held', reason: verdict.reason, ...more };
}
