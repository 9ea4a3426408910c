import type { Clock } from '../clock.ts';
import { NodelessError } from '../errors.ts';
import type { Submission } from '../inbox/submission.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { Counters } from './counters.ts';

/** A machine comes again and again, and a stranger may name every node: once an hour, and only the first few. */
const WINDOW_MS = 3_600_000;
const MOST_NODES = 4;
const MOST_LINES = 20;

/**
 * A MAC of the node goes on to be answered whatever a person says of this machine; so the history of the node says that
 * somebody contradicts it. Whatever goes wrong in telling, the agent is answered.
 */
export async function tellContradicted(
  { uuid, state, candidates, reason, reasons, source }: Submission,
  given: { nodes: Pick<NodeStore, 'get' | 'replace'>; counters: Pick<Counters, 'take'>; clock: Clock },
): Promise<void> {
  if (state !== 'conflict') return;
  const window = Math.floor(given.clock.now() / WINDOW_MS);
  for (const candidate of candidates.slice(0, MOST_NODES)) {
    try {
      const counter = `contradicted ${candidate}#${window}`;
      if (!(await given.counters.take(counter, 1, (window + 2) * WINDOW_MS))) continue;
      const node = await given.nodes.get(candidate);
      if (!node) continue;
      const event = `A machine that is not this node, or not clearly, shows something of it: ${reason}`;
      const detail = { submission: uuid, reasons: reasons.slice(0, MOST_LINES), address: source.address };
      await given.nodes.replace(node, [{ event_type: 'conflict', event, severity: 'INFO', user: 'agent', detail }]);
    } catch (error) {
      if (!(error instanceof NodelessError)) throw error;
    }
  }
}
