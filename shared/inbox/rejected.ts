import { isInspected } from '../enrollment/conditions.ts';
import { type Evidence, macsOf, valuesOf } from '../identity/evidence.ts';
import { EVIDENCE_KINDS, type EvidenceKind, rowOf } from '../identity/kinds.ts';
import type { Submission } from './submission.ts';

type Rejected = Pick<Submission, 'evidence' | 'gained'>;

export const isRejected = ({ state }: Submission): boolean => state === 'rejected';

/** Of the MACs that the person who rejected it had before them, none: whoever was rejected may have shown any since. */
function showsGainedOnly({ evidence, gained = [] }: Rejected, shown: Evidence): boolean {
  const theirs = macsOf(shown).filter((mac) => macsOf(evidence).includes(mac));
  return theirs.length > 0 && theirs.every((mac) => gained.includes(mac));
}

/** An inspection that shows a MAC of a rejected machine, and yet is not of that machine. */
export function isAnother(row: Rejected, shown: Evidence): boolean {
  if (!isInspected(shown)) return false;
  const compared = compare(row.evidence, shown);
  return compared === 'other' || (compared === 'unknown' && showsGainedOnly(row, shown));
}

/** MACs alone do not tell; a join token does. */
export const mayBeAnother = (row: Rejected, shown: Evidence): boolean =>
  !isInspected(shown) && showsGainedOnly(row, shown);

const SOFT = EVIDENCE_KINDS.filter((kind) => kind !== 'mac' && rowOf(kind).claim !== undefined);

/** By the serial number; where one of the two shows none, by all else of which a machine has one. */
function compare(known: Evidence, shown: Evidence): 'same' | 'other' | 'unknown' {
  const alike = (kinds: readonly EvidenceKind[]): boolean[] =>
    kinds
      .map((kind) => [valuesOf(known, kind), valuesOf(shown, kind)] as const)
      .filter(([ours, theirs]) => ours.length > 0 && theirs.length > 0)
      .map(([ours, theirs]) => theirs.some((value) => ours.includes(value)));
  const bySerial = alike(['system_serial']);
  const all = bySerial.length > 0 ? bySerial : alike(SOFT);
  if (all.length === 0) return 'unknown';
  return all.every(Boolean) ? 'same' : 'other';
}
