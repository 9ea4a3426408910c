import { bootDevice, setBootDevice } from '../../shared/drivers/redfish/boot.ts';
import { bootDevices } from '../../shared/drivers/registry.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { boolean, objectWith } from '../../shared/resource/checks.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

/** Where every management remembers what it was told last. */
const MEMORY = 'boot_device';

const byBmc = (node: Node): boolean => node.interfaces.management_interface === 'redfish';

export function bootDeviceHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const memory = node.driver_internal_info[MEMORY];
      const busy = node.run !== null && node.run.ended === null;
      // While a run works with the BMC, what it was told last is answered (operator-api.md T29).
      if (byBmc(node) && !(busy && memory)) {
        const told = await bmcs.talk(node, ({ systemPath }) => bootDevice(systemPath));
        return { status: 200, body: { ...told } };
      }
      return { status: 200, body: memory ?? { boot_device: bootDevices(node)[0] ?? null, persistent: false } };
    },
    '#supported': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { supported_boot_devices: bootDevices(node) } };
    },
    '#set': async (request) => {
      const given = objectWith(request.body, ['boot_device', 'persistent'], 'Boot device');
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const supported = bootDevices(node);
      const { boot_device: device } = given;
      if (typeof device !== 'string' || !supported.includes(device)) {
        throw new InvalidInput(`Invalid boot device ${device ?? ''}, supported are: ${supported.join(', ')}`);
      }
      const persistent = boolean(given.persistent ?? false, 'persistent') === true;
      refuseLocked(node);
      if (byBmc(node)) await bmcs.talk(node, ({ systemPath }) => setBootDevice(systemPath, device, persistent));
      const memory = { boot_device: device, persistent };
      await nodes.replace({ ...node, driver_internal_info: { ...node.driver_internal_info, [MEMORY]: memory } });
      return { status: 204 };
    },
  };
}
