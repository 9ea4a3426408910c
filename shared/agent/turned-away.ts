import type { Clock } from '../clock.ts';
import type { Counters } from '../enrollment/counters.ts';
import { NodelessError } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';

/** A boot asks again and again; nothing in its requests tells it from the next boot, so it is told of once an hour. */
const WINDOW_MS = 3_600_000;

export interface TurnedAwayDependencies {
  nodes: Pick<NodeStore, 'replace'>;
  counters: Pick<Counters, 'take'>;
  clock: Clock;
}

/**
 * A ramdisk booted on a machine of a state in which none is expected: it is sent away like a stranger, and the node's
 * history says so. Whatever goes wrong in telling, the answer to the agent is the same.
 */
export async function tellTurnedAway(node: Node, { nodes, counters, clock }: TurnedAwayDependencies): Promise<void> {
  const window = Math.floor(clock.now() / WINDOW_MS);
  try {
    const first = await counters.take(`turned away ${node.uuid}#${window}`, 1, (window + 2) * WINDOW_MS);
    if (first) await nodes.replace(node, [event(node)]);
  } catch (error) {
    if (!(error instanceof NodelessError)) throw error;
  }
}

function event(node: Node): NewEvent {
  const state = node.provision_state;
  const what = `A ramdisk booted on this machine and asked for its node, which is ${state}: it was sent away and nothing changed`;
  const next =
    'If the instance should run, let the machine boot from its disk (boot order, persistent boot device, other DHCP ' +
    'servers). If the machine is to be worked on, ask for service, rescue, rebuild or deleted';
  return {
    event_type: 'turned-away',
    event: `${what}. ${next}`,
    severity: 'ERROR',
    user: 'agent',
    detail: { state },
  };
}
