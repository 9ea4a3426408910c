import { InvalidInput } from '../../shared/errors.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 28;

/** Every node has the `noop` network interface: it takes any VIF and remembers none, as Ironic's does. */
export function vifHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#list': async (request) => {
      needs(request, SINCE, 404);
      await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { vifs: [] } };
    },
    '#attach': async (request) => {
      needs(request, SINCE, 404);
      const given = objectWith(request.body, ['id', 'port_uuid', 'portgroup_uuid'], 'VIF');
      if (typeof given.id !== 'string' || given.id === '') throw new InvalidInput('VIF: id is mandatory');
      if (given.port_uuid !== undefined || given.portgroup_uuid !== undefined) needs(request, 67, 406);
      if (given.port_uuid !== undefined && given.portgroup_uuid !== undefined) {
        throw new InvalidInput('VIF: either port_uuid or portgroup_uuid, not both');
      }
      await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 204 };
    },
    '#detach': async (request) => {
      needs(request, SINCE, 404);
      await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 204 };
    },
  };
}
