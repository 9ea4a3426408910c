import { InvalidInput } from '../../shared/errors.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 89;
const DEVICES: readonly unknown[] = ['disk', 'cdrom', 'floppy'];

/** Pretended management takes a medium and forgets it; the others have no slot for one. */
export function vmediaHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const supported = async (request: ApiRequest) => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    if (node.interfaces.management_interface === 'fake') return;
    throw new InvalidInput(`Driver ${node.driver} does not support virtual media (disabled or not implemented).`);
  };
  return {
    '#list': async (request) => {
      needs(request, 93, 404);
      await supported(request);
      return { status: 200, body: [] };
    },
    '#attach': async (request) => {
      needs(request, SINCE, 404);
      const given = objectWith(request.body, ['device_type', 'image_url', 'image_download_source'], 'Virtual media');
      if (!DEVICES.includes(given.device_type) || typeof given.image_url !== 'string') {
        throw new InvalidInput('Virtual media: device_type (disk, cdrom or floppy) and image_url are mandatory');
      }
      await supported(request);
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
      await supported(request);
      return { status: 204 };
    },
  };
}
