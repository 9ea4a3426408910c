import { InvalidInput } from '../../shared/errors.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { PORTGROUP } from '../../shared/resource/portgroup.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode, ownerNode } from './find-node.ts';
import { type Hooks, type Needs, resourceCalls, resourceHandlers } from './resource-handlers.ts';

export function portgroupHandlers(services: Needs & Pick<Services, 'nodes' | 'ports'>): Record<string, Handler> {
  const { nodes, ports } = services;
  const inUse = async (uuid: string) => (await ports.list()).some((port) => port.portgroup_uuid === uuid);

  const hooks: Hooks = {
    create: async (item) => ({ ...item, node_uuid: (await ownerNode(nodes, item.node_uuid)).uuid }),
    patch: async (after, before) => {
      const moved = after.node_uuid !== before.node_uuid;
      refuseLocked(await ownerNode(nodes, before.node_uuid));
      if (moved && (await inUse(before.uuid))) {
        throw new InvalidInput(`Cannot move port group ${before.uuid} to another node: it has ports.`);
      }
      return { ...after, node_uuid: (await ownerNode(nodes, after.node_uuid)).uuid };
    },
    remove: async (item) => {
      const node = await nodes.get(String(item.node_uuid));
      if (node !== undefined) refuseLocked(node);
      if (await inUse(item.uuid)) throw new InvalidInput(`Cannot delete port group ${item.uuid}: it has ports.`);
    },
    filter: async (values, request) => {
      const [ident, address] = [values.string('node'), values.string('address')];
      const node = ident === undefined ? undefined : await findNode(nodes, ident, request.minor);
      const nobody = (values.list('conductor_groups') ?? []).length > 0;
      return (item) =>
        !nobody &&
        (node === undefined || item.node_uuid === node.uuid) &&
        (address === undefined || item.address === address);
    },
  };

  const { list } = resourceCalls(services, PORTGROUP, hooks);
  const ofNode = async (request: ApiRequest, detail: boolean) => {
    needs(request, 24, 404);
    const ident = request.params.node ?? '';
    const { uuid } = await findNode(nodes, ident, request.minor);
    const path = `nodes/${ident}/portgroups${detail ? '/detail' : ''}`;
    return list(request, { detail, path, of: (item) => item.node_uuid === uuid });
  };
  return {
    ...resourceHandlers(services, PORTGROUP, hooks),
    '#detail': (request) => list(request, { detail: true }),
    '#of-node': (request) => ofNode(request, false),
    '#of-node-detail': (request) => ofNode(request, true),
  };
}
