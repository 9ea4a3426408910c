import { isInspected } from '../enrollment/conditions.ts';
import { type Evidence, type EvidenceItem, MAX_MACS, macsOf } from '../identity/evidence.ts';
import { type Submission, UNDECIDED } from './submission.ts';

/**
 * Rows of a machine that was inspected before, when it now shows its MACs only: a stock agent posts its inventory and then
 * looks up by MACs. Whoever comes with an inventory is judged by that.
 */
export const remembered = (evidence: Evidence, rows: readonly Submission[]): Submission[] =>
  isInspected(evidence) ? [] : rows.filter((row) => UNDECIDED.includes(row.state) && isInspected(row.evidence));

/**
 * As a node is made of it. A MAC is no secret, and somebody else may have shown it beside those of other machines: ports
 * are of what this request shows.
 */
export const completed = (whole: Evidence, shown: Evidence): Evidence => ({
  ...whole,
  items: [...shown.items.filter(isMac), ...whole.items.filter((item) => !isMac(item))],
});
const isMac = ({ kind }: EvidenceItem): boolean => kind === 'mac';

/** As many as one request can show, and a few more. */
const MOST_ITEMS = 2 * MAX_MACS;

/** A lookup by MAC does not take away what an inspection told, and adds no more cards than a machine may have. */
export function together(known: Evidence, fresh: Evidence): Evidence {
  const isKnown = (item: EvidenceItem): boolean =>
    known.items.some((one) => one.kind === item.kind && one.value === item.value);
  const more = fresh.items.filter((item) => !isKnown(item)).slice(0, Math.max(0, MOST_ITEMS - known.items.length));
  const room = MAX_MACS - macsOf(known).length;
  const macs = more.filter(({ kind }) => kind === 'mac').slice(0, Math.max(0, room));
  const added = more.filter((item) => item.kind !== 'mac' || macs.includes(item));
  return added.length === 0 ? known : { ...known, items: [...known.items, ...added] };
}
