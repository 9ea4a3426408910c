import type { Asked } from './asking.ts';
import { type Difference, differences } from './compare.ts';
import { DELIBERATE, type Deliberate } from './deliberate.ts';

export interface Found extends Difference {
  line: string;
}
export interface Review {
  requests: number;
  /** Differences that nobody has given a reason. */
  unexplained: Found[];
  explained: Map<Deliberate, number>;
}

/** Puts every difference under its reason, or names it. Both lists hold the same requests in the same order. */
export function reviewed(ironic: readonly Asked[], nodeless: readonly Asked[]): Review {
  const unexplained: Found[] = [];
  const explained = new Map<Deliberate, number>();
  if (ironic.length !== nodeless.length) throw new Error(`${ironic.length} answers against ${nodeless.length}`);
  for (const [index, { line, answer }] of ironic.entries()) {
    const other = nodeless[index];
    if (other?.line !== line) throw new Error(`Not the same requests: ${line} and ${other?.line}`);
    for (const difference of differences(answer, other.answer)) {
      const why = DELIBERATE.find((one) => explains(one, line, difference, other.answer.status));
      if (why === undefined) unexplained.push({ line, ...difference });
      else explained.set(why, (explained.get(why) ?? 0) + 1);
    }
  }
  return { requests: ironic.length, unexplained, explained };
}

function explains({ request, at, when }: Deliberate, line: string, difference: Difference, status: number): boolean {
  const { ironic, nodeless } = difference;
  return request.test(line) && at.test(difference.at) && when({ ironic, nodeless, status });
}

const NODELESS = 'Nodeless';

/** Why a run proves nothing or not enough; empty = it is green. `names` = who answered `GET /` as whom. */
export function shortcomings(
  names: { ironic: string; nodeless: string },
  { requests, unexplained, explained }: Review,
  wanted: { requests: number; everything: boolean },
): string[] {
  const { ironic, nodeless } = names;
  const stale = wanted.everything ? DELIBERATE.filter((one) => !explained.has(one)) : [];
  return [
    // Whoever is compared with itself always agrees.
    ...(ironic === NODELESS || nodeless !== NODELESS ? [`compared were ${ironic} and ${nodeless}`] : []),
    ...(requests === 0 ? ['nothing was compared'] : []),
    ...(requests < wanted.requests ? [`${requests} of ${wanted.requests} requests were compared`] : []),
    ...(unexplained.length > 0 ? [`${unexplained.length} differences have no reason`] : []),
    ...stale.map(({ reason }) => `nothing differs any more because ${reason}`),
  ];
}
