import type { Clock } from '../clock.ts';
import type { Counters } from '../enrollment/counters.ts';
import { NodelessError } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

/** Whoever knows a MAC can post again and again: once an hour is enough to be read. */
const WINDOW_MS = 3_600_000;

export interface TellDependencies {
  nodes: Pick<NodeStore, 'replace'>;
  counters: Pick<Counters, 'take'>;
  clock: Clock;
}

/** What an agent makes us say in its node's history, once an hour for each subject. Whatever goes wrong in telling, the agent is answered. */
export async function tellHourly(node: Node, subject: string, event: NewEvent, given: TellDependencies): Promise<Node> {
  const window = Math.floor(given.clock.now() / WINDOW_MS);
  try {
    const counter = `${subject} ${node.uuid}#${window}`;
    if (!(await given.counters.take(counter, 1, (window + 2) * WINDOW_MS))) return node;
    return await given.nodes.replace(node, [event]);
  } catch (error) {
    if (!(error instanceof NodelessError)) throw error;
    return node;
  }
}
