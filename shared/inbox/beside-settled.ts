import type { Evidence } from '../identity/evidence.ts';
import { isAnother, isRejected } from './rejected.ts';
import { keysOf, type Submission } from './submission.ts';

/** The machine of this row is a node, and what is shown now contradicts it: another machine, or the same after a repair. */
export const isSettled = ({ state, node }: Submission, { candidates }: Pick<Submission, 'candidates'>): boolean =>
  state === 'approved' && node !== null && candidates.includes(node);

/** What a person decided stays as it is; who is not the machine that it was said of has a row of its own beside it. */
export const isBeside = (row: Submission, seen: Pick<Submission, 'candidates' | 'evidence'>): boolean =>
  isSettled(row, seen) || (isRejected(row) && isAnother(row, seen.evidence));

/** The key of a row that shows a value of another one. */
export const besideKey = (key: string): string => `beside ${key}`;

/** These rows' values stay theirs. */
export function keysBeside(evidence: Evidence, rows: readonly Submission[]): { own: string[]; soft: string[] } {
  const { own, soft } = keysOf(evidence);
  const isTaken = (key: string): boolean => rows.some(({ keys }) => keys.includes(key));
  const beside = (key: string): string => (isTaken(key) ? beside(besideKey(key)) : key);
  return { own: own.map(beside), soft: soft.map(beside) };
}
