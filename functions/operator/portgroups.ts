import { InvalidInput } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
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
    create: async (item) => ({
      ...item,
      // A default, and not what `remove` would put there: a mode cannot be removed.
      mode: item.mode ?? 'active-backup',
      node_uuid: (await ownerNode(nodes, item.node_uuid)).uuid,
    }),
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
      const given = ['node', 'address', 'shard', 'conductor_groups'].filter((key) => request.query[key] !== undefined);
      if (given.length > 1) throw new InvalidInput(`Use only one of: ${given.join(', ')}`);
      const [ident, address, shards] = [values.string('node'), values.string('address'), values.list('shard')];
      const owner = ident === undefined ? undefined : (await findNode(nodes, ident, request.minor)).uuid;
      const inShard = (node: Node) => shards?.includes(node.shard?.toLowerCase() ?? '') === true;
      const sharded = shards && new Set((await nodes.list()).filter(inShard).map(({ uuid }) => uuid));
      const nobody = (values.list('conductor_groups') ?? []).length > 0;
      return (item) =>
        !nobody &&
        (owner === undefined || item.node_uuid === owner) &&
        (sharded === undefined || sharded.has(String(item.node_uuid))) &&
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
