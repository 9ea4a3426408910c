import { implementationOf } from '../../shared/drivers/implementation.ts';
import { bootDevice } from '../../shared/drivers/redfish/boot.ts';
import { bootDevices } from '../../shared/drivers/registry.ts';
import { BOOT_DEVICE_MEMORY, chooseBootDevice } from '../../shared/drivers/set-boot-device.ts';
import type { Node } from '../../shared/node/node.ts';
import { boolean, objectWith } from '../../shared/resource/checks.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

const byBmc = (node: Node): boolean => implementationOf(node, 'management') === 'redfish';

export function bootDeviceHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const memory = node.driver_internal_info[BOOT_DEVICE_MEMORY];
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
      const persistent = boolean(given.persistent ?? false, 'persistent') === true;
      await chooseBootDevice(node, given.boot_device, persistent, { nodes, bmcs });
      return { status: 204 };
    },
  };
}
