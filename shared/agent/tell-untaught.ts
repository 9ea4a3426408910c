import type { Clock } from '../clock.ts';
import type { Counters } from '../enrollment/counters.ts';
import { NodelessError } from '../errors.ts';
import type { Evidence } from '../identity/evidence.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { untaught } from './teaching.ts';

/** Whoever knows a MAC can post again and again: once an hour is enough to be read. */
const WINDOW_MS = 3_600_000;
const MOST_NAMED = 10;

/** The history says what a node was shown and did not learn, and why. Whatever goes wrong in telling, the agent is answered. */
export async function tellUntaught(
  node: Node,
  evidence: Evidence,
  reasons: readonly string[],
  given: { nodes: Pick<NodeStore, 'replace'>; counters: Pick<Counters, 'take'>; clock: Clock },
): Promise<Node> {
  const shown = untaught(node, evidence);
  const window = Math.floor(given.clock.now() / WINDOW_MS);
  if (shown.length === 0) return node;
  try {
    const counter = `untaught ${node.uuid}#${window}`;
    if (!(await given.counters.take(counter, 1, (window + 2) * WINDOW_MS))) return node;
    const more = shown.length > MOST_NAMED ? ` and ${shown.length - MOST_NAMED} more` : '';
    const event = `Not learnt from an inventory: ${shown.slice(0, MOST_NAMED).join(', ')}${more}`;
    const detail = { reasons: [...reasons] };
    return await given.nodes.replace(node, [
      { event_type: 'inspected', event, severity: 'INFO', user: 'agent', detail },
    ]);
  } catch (error) {
    if (!(error instanceof NodelessError)) throw error;
    return node;
  }
}
