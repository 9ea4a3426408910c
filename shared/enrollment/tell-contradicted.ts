import { NodelessError } from '../errors.ts';
import { movedText } from '../identity/explanation.ts';
import type { Submission } from '../inbox/submission.ts';
import type { NodeStore } from '../node/node-store.ts';
import { type HourDependencies, onceAnHour } from './once-an-hour.ts';

/** A stranger may name every node. */
const MOST_NODES = 4;
const MOST_LINES = 20;

/**
 * A MAC of the node goes on to be answered whatever a person says of this machine; so the history of the node says that
 * somebody contradicts it. Whatever goes wrong in telling, the agent is answered.
 */
export async function tellContradicted(
  { uuid, state, candidates, reason, reasons, source, explanation }: Submission,
  given: HourDependencies & { nodes: Pick<NodeStore, 'get' | 'replace'> },
): Promise<void> {
  if (state !== 'conflict') return;
  for (const candidate of candidates.slice(0, MOST_NODES)) {
    try {
      if (!(await onceAnHour('contradicted', candidate, given))) continue;
      const node = await given.nodes.get(candidate);
      if (!node) continue;
      const moved = explanation.candidates.find((one) => one.node === candidate)?.moved ?? [];
      const other = moved.length === 0 ? '' : ` (it shows otherwise: ${moved.map(movedText).join('; ')})`;
      const event = `Another machine, or this one with other hardware, shows something of the node: ${reason}${other}`;
      const detail = { submission: uuid, reasons: reasons.slice(0, MOST_LINES), address: source.address };
      await given.nodes.replace(node, [{ event_type: 'conflict', event, severity: 'INFO', user: 'agent', detail }]);
    } catch (error) {
      if (!(error instanceof NodelessError)) throw error;
    }
  }
}
