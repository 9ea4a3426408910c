import type { Asked } from './asking.ts';
import { type Difference, differences } from './compare.ts';
import { DELIBERATE, type Deliberate } from './deliberate.ts';
import { openDifferences, openKey } from './recording.ts';

export interface Found extends Difference {
  line: string;
}
export interface Review {
  requests: number;
  /** Differences that nobody has seen before. */
  unexplained: Found[];
  /** Known, and neither mended nor given a reason yet. */
  open: Found[];
  explained: Map<Deliberate, number>;
}

/** Puts every difference under its reason, or names it. Both lists hold the same requests in the same order. */
export function reviewed(ironic: readonly Asked[], nodeless: readonly Asked[]): Review {
  const unexplained: Found[] = [];
  const open: Found[] = [];
  const known = openDifferences();
  const explained = new Map<Deliberate, number>();
  for (const [index, { line, answer }] of ironic.entries()) {
    const other = nodeless[index];
    if (other?.line !== line) throw new Error(`Not the same requests: ${line} and ${other?.line}`);
    for (const difference of differences(answer, other.answer)) {
      const why = DELIBERATE.find((one) => explains(one, line, difference));
      const found = { line, ...difference };
      if (why === undefined) (known.has(openKey(found)) ? open : unexplained).push(found);
      else explained.set(why, (explained.get(why) ?? 0) + 1);
    }
  }
  return { requests: ironic.length, unexplained, open, explained };
}

function explains({ request, at, status }: Deliberate, line: string, difference: Difference): boolean {
  if (!request.test(line) || !at.test(difference.at)) return false;
  return status === undefined || (difference.ironic === status[0] && difference.nodeless === status[1]);
}
