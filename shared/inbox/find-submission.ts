import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { keysOf, type Submission, uniqueOf } from './submission.ts';

/**
 * The rows of this machine, oldest first: more than one when its network cards came one by one. By MAC; by a serial number
 * or the like only where that is all that one of the two shows, because forty machines may show it.
 */
export async function findSubmissions(
  evidence: Evidence,
  resources: Pick<ResourceStore, 'get' | 'holders'>,
): Promise<Submission[]> {
  const { own, soft } = keysOf(evidence);
  const uuids = await resources.holders([...own, ...soft].map(uniqueOf));
  const rows = await Promise.all(uuids.map((uuid) => resources.get<Submission>('submission', uuid)));
  const macs = macsOf(evidence);
  return rows
    .filter((row): row is Submission => row !== undefined)
    .filter((row) => {
      const theirs = macsOf(row.evidence);
      return macs.length === 0 || theirs.length === 0 || theirs.some((mac) => macs.includes(mac));
    })
    .sort((a, b) => (`${a.first_seen_at}${a.uuid}` < `${b.first_seen_at}${b.uuid}` ? -1 : 1));
}
