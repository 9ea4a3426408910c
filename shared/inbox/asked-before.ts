import { createHash } from 'node:crypto';
import type { Verdict } from '../enrollment/decide-enrolment.ts';
import type { Evidence } from '../identity/evidence.ts';
import type { Submission } from './submission.ts';

/** A machine asks every few seconds; what a hook was asked about it is not asked again so soon. */
const KEPT_MS = 30_000;

/** Of all that a hook's verdict may depend on. `remembered`: some of it was shown before and not now, which counts less. */
export function questionOf(evidence: Evidence, joinToken: string | undefined, remembered: boolean): string {
  const items = evidence.items.map(({ kind, value }) => `${kind} ${value}`).sort();
  const whole = JSON.stringify([items, evidence.profile, joinToken ?? null, ...(remembered ? ['remembered'] : [])]);
  return createHash('sha256').update(whole).digest('base64url');
}

/** The row that says what a hook made of one of these questions a moment ago. One that was let in is asked about anew. */
export const askedBefore = (
  rows: readonly Submission[],
  questions: readonly string[],
  now: number,
): Submission | undefined =>
  rows.find(
    ({ asked, state }) =>
      state !== 'approved' &&
      asked !== undefined &&
      questions.includes(asked.of) &&
      now - Date.parse(asked.at) < KEPT_MS,
  );

/** What was said then. */
export const verdictOf = ({ state, reason, passed }: Submission): Verdict => ({
  outcome: state === 'denied' || state === 'rejected' ? 'deny' : 'hold',
  reason,
  policy: null,
  passed,
});
