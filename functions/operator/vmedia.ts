import { implementationOf } from '../../shared/drivers/implementation.ts';
import { ejectMedia, insertMedium, listMedia } from '../../shared/drivers/redfish/media.ts';
import { InvalidInput } from '../../shared/errors.ts';
import type { JsonValue } from '../../shared/json.ts';
import type { NewEvent, Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 89;
const DEVICES: readonly unknown[] = ['disk', 'cdrom', 'floppy'];

/** A BMC has slots; pretended management takes a medium and forgets it; the others have nothing to put it into. */
export function vmediaHandlers({ nodes, bmcs }: Pick<Services, 'nodes' | 'bmcs'>): Record<string, Handler> {
  const slotsOf = async (request: ApiRequest): Promise<{ node: Node; byBmc: boolean; none: boolean }> => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    const management = implementationOf(node, 'management');
    const byBmc = management === 'redfish';
    return { node, byBmc, none: !byBmc && management !== 'fake' };
  };
  /** Clients take attaching for asynchronous: a driver that cannot says so in `last_error`, as in Ironic. */
  const cannot = async (node: Node, what: string, { user }: ApiRequest): Promise<ApiResponse> => {
    const reason = `Could not ${what}: driver ${node.driver} does not support virtual media (disabled or not implemented).`;
    const event: NewEvent = { event_type: 'edited', event: reason, severity: 'ERROR', user, detail: {} };
    await nodes.replace({ ...node, last_error: reason }, [event]);
    return { status: 204, acted: false };
  };
  return {
    '#list': async (request) => {
      needs(request, 93, 404);
      const { node, byBmc } = await slotsOf(request);
      if (!byBmc) throw new InvalidInput(`Driver ${node.driver} does not support get_virtual_media (not implemented).`);
      const media = await bmcs.talk(node, ({ systemPath }) => listMedia(systemPath));
      return { status: 200, body: media as unknown as JsonValue };
    },
    '#attach': async (request) => {
      needs(request, SINCE, 404);
      const given = objectWith(request.body, ['device_type', 'image_url', 'image_download_source'], 'Virtual media');
      const { device_type: device, image_url: image } = given;
      if (typeof device !== 'string' || !DEVICES.includes(device) || typeof image !== 'string') {
        throw new InvalidInput('Virtual media: device_type (disk, cdrom or floppy) and image_url are mandatory');
      }
      const { node, byBmc, none } = await slotsOf(request);
      // The BMC fetches it itself: nothing is downloaded, stored or served from here.
      if (byBmc && !/^(https?|nfs|cifs):\/\//i.test(image)) {
        throw new InvalidInput('Virtual media: image_url must be a URL that the BMC itself can fetch');
      }
      refuseLocked(node);
      if (none) return cannot(node, `attach device ${device}`, request);
      if (byBmc) await bmcs.talk(node, ({ systemPath }) => insertMedium(systemPath, device, image));
      return { status: 204 };
    },
    // The SDK names the devices in the body, gophercloud in the query (T16).
    '#detach': async (request) => {
      needs(request, SINCE, 404);
      const inQuery = parseQuery(request.query, { device_types: ['list', SINCE] }, request.minor).list('device_types');
      const { device_types: inBody } = objectWith(request.body ?? {}, ['device_types'], 'Virtual media');
      const types = inQuery ?? inBody ?? [];
      if (!Array.isArray(types) || types.some((type) => !DEVICES.includes(type))) {
        throw new InvalidInput('Virtual media: device_types are disk, cdrom and floppy');
      }
      const { node, byBmc, none } = await slotsOf(request);
      refuseLocked(node);
      if (none) return cannot(node, 'detach a device', request);
      if (byBmc) await bmcs.talk(node, ({ systemPath }) => ejectMedia(systemPath, types.map(String)));
      return { status: 204 };
    },
  };
}
