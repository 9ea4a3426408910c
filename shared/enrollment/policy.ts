import type { Configuration } from '../configuration.ts';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';

/** What happens to a machine that is nobody's, with the reason. */
export type Verdict =
  | { outcome: 'enroll'; reason: string }
  | { outcome: 'hold'; reason: string }
  | { outcome: 'deny'; reason: string };

/** Pure: evidence and configuration → verdict. */
export function decideEnrolment(
  evidence: Evidence,
  decision: Exclude<Decision, { verdict: 'match' }>,
  settings: Pick<Configuration, 'enrollment'>,
): Verdict {
  if (decision.verdict === 'conflict') {
    return { outcome: 'hold', reason: decision.explanation.outcome };
  }
  if (macsOf(evidence).length === 0) {
    return { outcome: 'hold', reason: 'it showed no MAC, so a later lookup by MAC could not find it' };
  }
  const { unknown } = settings.enrollment;
  return { outcome: unknown, reason: `enrollment.unknown is ${unknown}` };
}
