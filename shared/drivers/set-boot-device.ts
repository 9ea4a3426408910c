import { InvalidInput, Unavailable } from '../errors.ts';
import type { Node } from '../node/node.ts';
import { refuseLocked } from '../node/node-guards.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { Bmcs } from './bmcs.ts';
import { implementationOf } from './implementation.ts';
import { setBootDevice } from './redfish/boot.ts';
import { bootDevices } from './registry.ts';

/** Where every management remembers what it was told last, in `driver_internal_info`. */
export const BOOT_DEVICE_MEMORY = 'boot_device';

interface Given {
  nodes: Pick<NodeStore, 'replace'>;
  bmcs: Bmcs;
}

/** An operator's wish, carried out by whatever manages the node. Throws `InvalidInput`, `Conflict`, `Unavailable`. */
export async function chooseBootDevice(node: Node, device: unknown, persistent: boolean, given: Given): Promise<void> {
  const supported = bootDevices(node);
  if (typeof device !== 'string' || !supported.includes(device)) {
    throw new InvalidInput(`Invalid boot device ${device ?? ''}, supported are: ${supported.join(', ')}`);
  }
  refuseLocked(node);
  const manager = implementationOf(node, 'management');
  if (manager === 'redfish')
    await given.bmcs.talk(node, ({ systemPath }) => setBootDevice(systemPath, device, persistent));
  if (manager === 'hook') await byHook(node, device, persistent, given.bmcs);
  const memory = { boot_device: device, persistent };
  await given.nodes.replace({
    ...node,
    driver_internal_info: { ...node.driver_internal_info, [BOOT_DEVICE_MEMORY]: memory },
  });
}

async function byHook(node: Node, device: string, persistent: boolean, bmcs: Bmcs): Promise<void> {
  // A node with a run is not asked about it: the key of a run is for the run's questions.
  const reply = await bmcs.exchange(
    { ...node, run: null },
    { to: 'driver', action: 'set-boot-device', device, persistent },
  );
  if (reply.kind === 'accepted') return;
  const message = 'message' in reply ? reply.message : `unexpected answer (${reply.kind})`;
  if (reply.kind === 'refused' || reply.kind === 'unsupported') throw new InvalidInput(message);
  throw new Unavailable(message, 5);
}
