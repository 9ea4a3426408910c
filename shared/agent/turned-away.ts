import type { NewEvent, Node } from '../node/node.ts';
import { type TellDependencies, tellHourly } from './tell-hourly.ts';

/**
 * A ramdisk booted on a machine of a state in which none is expected: it is sent away like a stranger, and the node's
 * history says so. A boot asks again and again, and nothing in its requests tells it from the next boot.
 */
export async function tellTurnedAway(node: Node, given: TellDependencies): Promise<void> {
  await tellHourly(node, 'turned away', event(node), given);
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
