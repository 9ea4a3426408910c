import type { Evidence } from '../identity/evidence.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { keysOf, type Submission, uniqueOf } from './submission.ts';

/**
 * The machine of this row is a node, and what is shown now contradicts it: another machine, or the same after a repair. What
 * a person decided stays as it is; the conflict has a row of its own beside it.
 */
export const isSettled = ({ state, node }: Submission, { candidates }: Pick<Submission, 'candidates'>): boolean =>
  state === 'approved' && node !== null && candidates.includes(node);

const besideKey = ({ uuid }: Submission): string => `beside ${uuid}`;

/** The rows of conflicts with these that are not among `rows`. */
export async function besideOf(
  settled: readonly Submission[],
  rows: readonly Submission[],
  { resources }: { resources: Pick<ResourceStore, 'get' | 'holders'> },
): Promise<Submission[]> {
  if (settled.length === 0) return [];
  const uuids = await resources.holders(settled.map((row) => uniqueOf(besideKey(row))));
  const missing = uuids.filter((uuid) => !rows.some((row) => row.uuid === uuid));
  const found = await Promise.all(missing.map((uuid) => resources.get<Submission>('submission', uuid)));
  return found.filter((row): row is Submission => row !== undefined);
}

/** The settled rows' values stay theirs. */
export function keysBeside(evidence: Evidence, settled: readonly Submission[]): { own: string[]; soft: string[] } {
  const { own, soft } = keysOf(evidence);
  const isFree = (key: string): boolean => !settled.some(({ keys }) => keys.includes(key));
  return { own: [...own.filter(isFree), ...settled.map(besideKey)], soft: soft.filter(isFree) };
}
