import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { besideKey } from './beside-settled.ts';
import { keysOf, type Submission, UNDECIDED, uniqueOf } from './submission.ts';

/**
 * The rows of this machine, oldest first: more than one when its network cards came one by one. By MAC; by a serial number
 * or the like only where that is all that one of the two shows, because forty machines may show it. With those that lie
 * beside a row on which somebody decided.
 */
export async function findSubmissions(
  evidence: Evidence,
  resources: Pick<ResourceStore, 'get' | 'holders'>,
): Promise<Submission[]> {
  const { own, soft } = keysOf(evidence);
  const found = new Map<string, Submission>();
  for (let keys = [...own, ...soft]; keys.length > 0; ) {
    const rows = await holding(keys, evidence, resources);
    for (const row of rows) found.set(row.uuid, row);
    const decided = rows.filter(({ state }) => !UNDECIDED.includes(state));
    keys = keys.filter((key) => decided.some((row) => row.keys.includes(key))).map(besideKey);
  }
  return [...found.values()].sort((a, b) => (`${a.first_seen_at}${a.uuid}` < `${b.first_seen_at}${b.uuid}` ? -1 : 1));
}

async function holding(
  keys: readonly string[],
  evidence: Evidence,
  resources: Pick<ResourceStore, 'get' | 'holders'>,
): Promise<Submission[]> {
  const uuids = await resources.holders(keys.map(uniqueOf));
  const rows = await Promise.all(uuids.map((uuid) => resources.get<Submission>('submission', uuid)));
  const macs = macsOf(evidence);
  return rows
    .filter((row): row is Submission => row !== undefined)
    .filter((row) => {
      const theirs = macsOf(row.evidence);
      return macs.length === 0 || theirs.length === 0 || theirs.some((mac) => macs.includes(mac));
    });
}
