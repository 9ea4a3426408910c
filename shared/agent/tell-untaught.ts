import type { Evidence } from '../identity/evidence.ts';
import type { Node } from '../node/node.ts';
import { untaught } from './teaching.ts';
import { type TellDependencies, tellHourly } from './tell-hourly.ts';

const MOST_NAMED = 10;

/** The history says what a node was shown and did not learn, and why. */
export async function tellUntaught(
  node: Node,
  evidence: Evidence,
  reasons: readonly string[],
  given: TellDependencies,
): Promise<Node> {
  const shown = untaught(node, evidence);
  if (shown.length === 0) return node;
  const more = shown.length > MOST_NAMED ? ` and ${shown.length - MOST_NAMED} more` : '';
  const event = `Not learnt from an inventory: ${shown.slice(0, MOST_NAMED).join(', ')}${more}`;
  const detail = { reasons: [...reasons] };
  return tellHourly(
    node,
    'untaught',
    { event_type: 'inspected', event, severity: 'INFO', user: 'agent', detail },
    given,
  );
}
