import { NotFound } from '../../shared/errors.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const BIOS = 40;
const FIRMWARE = 86;

/** No driver reads BIOS settings or firmware yet: empty lists, which is all that clients need to go on. */
export function firmwareHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#bios': async (request) => {
      needs(request, BIOS, 404);
      parseQuery(request.query, { detail: ['boolean', 74], fields: ['list', 74] }, request.minor);
      await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { bios: [] } };
    },
    '#bios-setting': async (request) => {
      needs(request, BIOS, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      throw new NotFound(`Node ${node.uuid} doesn't have a BIOS setting '${request.params.setting}'`);
    },
    '#firmware': async (request) => {
      needs(request, FIRMWARE, 404);
      parseQuery(request.query, { fields: ['list', FIRMWARE] }, request.minor);
      await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { firmware: [] } };
    },
  };
}
