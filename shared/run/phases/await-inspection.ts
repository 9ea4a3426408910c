import { nextAction } from '../next-action.ts';
import type { Outcome, PhaseContext } from '../outcome.ts';
import type { Phase } from '../run.ts';

const POST = 'the ramdisk to post its inventory';
const INVENTORY = `${POST} (with all cards replaced it may be in the inbox: npx nodeless inbox)`;
const POSTED_NONE = `${POST}, whose agent reports without: it has no ipa-inspection-callback-url, or what it collects is larger than a post may be (ipa-inspection-collectors)`;

/**
 * A ramdisk posts its inventory before it asks for a token, unless that was on its medium. The generation that it has or is going to have is remembered:
 * this boot is ours, not one of the machine's own.
 */
export function awaitInspection({
  run,
  node,
  facts: { session },
}: PhaseContext<Extract<Phase, { kind: 'await-inspection' }>>): Outcome {
  const finishedAt = Date.parse(node.inspection_finished_at ?? '');
  const { refused } = run;
  // The latest word counts: whatever ran before this boot may have posted, too.
  if (refused && !(finishedAt > refused.at)) {
    return { go: 'fail', reason: refused.reason, next: `${refused.next}, then ${nextAction(run.flow, node)}` };
  }
  if (finishedAt >= Date.parse(run.startedAt)) {
    const has = session.handedOver || session.issuedAt > finishedAt;
    return { go: 'next', run: { generation: session.generation + (has ? 0 : 1) } };
  }
  return { go: 'wait', run: { stage: 'waiting' }, for: session.reachable ? POSTED_NONE : INVENTORY };
}
