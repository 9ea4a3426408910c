import { type HourDependencies, onceAnHour } from '../enrollment/once-an-hour.ts';
import { NodelessError } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

export interface TellDependencies extends HourDependencies {
  nodes: Pick<NodeStore, 'replace'>;
}

/** What an agent makes us say in its node's history, once an hour for each subject. Whatever goes wrong in telling, the agent is answered. */
export async function tellHourly(node: Node, subject: string, event: NewEvent, given: TellDependencies): Promise<Node> {
  try {
    if (!(await onceAnHour(subject, node.uuid, given))) return node;
    return await given.nodes.replace(node, [event]);
  } catch (error) {
    if (!(error instanceof NodelessError)) throw error;
    return node;
  }
}
