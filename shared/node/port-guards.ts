import { Conflict, InvalidInput } from '../errors.ts';
import { stateOf } from '../lifecycle/states.ts';
import type { Item } from '../resource/resource.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { Node, Port } from './node.ts';
import { refuseLocked } from './node-guards.ts';
import type { PortStore } from './node-store.ts';
import { WIRING } from './port-fields.ts';

/** What may not change under a node that is in use (operator-api.md §2.6). */
export function guardPortPatch(node: Node, touched: ReadonlySet<string>, minor: number): void {
  if (node.provision_state === 'inspecting' && minor >= 39) throw new Conflict('The node is being inspected.');
  refuseLocked(node);
  if (node.maintenance) return;
  const inUse = node.provision_state === 'active' || node.instance_uuid !== null;
  if (touched.has('address') && inUse) {
    throw new Conflict(`Cannot update the address of a port of node ${node.uuid}: it is in use.`);
  }
  const wire = WIRING.find((name) => touched.has(name));
  if (wire !== undefined && !stateOf(node.provision_state).portsRewirable) {
    throw new Conflict(`Cannot update ${wire} of a port while node ${node.uuid} is in state ${node.provision_state}.`);
  }
}

/** A port joins groups of its own node, whose ports are all in one physical network. */
export async function refuseForeignGroup(
  { uuid: port, portgroup_uuid: uuid, node_uuid: node, physical_network: net }: Port,
  { ports, resources }: { ports: Pick<PortStore, 'ofNode'>; resources: Pick<ResourceStore, 'get'> },
): Promise<void> {
  if (uuid === null) return;
  const group = await resources.get<Item>('portgroup', uuid);
  if (group === undefined) throw new InvalidInput(`Port group ${uuid} could not be found.`);
  if (group.node_uuid !== node) throw new InvalidInput(`Port group ${uuid} is of another node.`);
  const others = (await ports.ofNode(node)).filter((one) => one.portgroup_uuid === uuid && one.uuid !== port);
  if (others.length > 0 && !others.some((one) => one.physical_network === net)) {
    throw new Conflict(`Port group ${uuid} has ports in physical network ${others[0]?.physical_network}, not ${net}.`);
  }
}
