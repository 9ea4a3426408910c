import { bootDevices } from '../../shared/drivers/registry.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { boolean, objectWith } from '../../shared/resource/checks.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

/** Where pretended and manual management remember what they were told. */
const MEMORY = 'boot_device';

export function bootDeviceHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const memory = node.driver_internal_info[MEMORY];
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
      refuseLocked(node);
      const memory = { boot_device: device, persistent: boolean(given.persistent ?? false, 'persistent') };
      await nodes.replace({ ...node, driver_internal_info: { ...node.driver_internal_info, [MEMORY]: memory } });
      return { status: 204 };
    },
  };
}
