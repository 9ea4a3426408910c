import { InvalidInput } from '../../shared/errors.ts';
import { stateOf } from '../../shared/lifecycle/states.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import type { Item, Resource } from '../../shared/resource/resource.ts';
import { links } from '../../shared/resource/view.ts';
import { VOLUME_CONNECTOR, VOLUME_TARGET } from '../../shared/resource/volume.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode, ownerNode } from './find-node.ts';
import { type Hooks, type Needs, resourceCalls, resourceHandlers } from './resource-handlers.ts';

type VolumeNeeds = Needs & Pick<Services, 'nodes'>;

export const connectorHandlers = (services: VolumeNeeds) => volumeHandlers(services, VOLUME_CONNECTOR);
export const targetHandlers = (services: VolumeNeeds) => volumeHandlers(services, VOLUME_TARGET);

/** `/v1/volume`, and the same below a node: links to what is there. */
export function volumeRootHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#show': async (request) => root(request, 'volume'),
    '#of-node': async (request) => {
      needs(request, VOLUME_TARGET.gates.read[0], 404);
      const ident = request.params.node ?? '';
      await findNode(nodes, ident, request.minor);
      return root(request, `nodes/${ident}/volume`);
    },
  };
}

function root(request: ApiRequest, path: string): ApiResponse {
  needs(request, VOLUME_TARGET.gates.read[0], 404);
  const below = (name: string) => links(request.publicUrl, `${path}/${name}`);
  return {
    status: 200,
    body: { links: links(request.publicUrl, `${path}/`), connectors: below('connectors'), targets: below('targets') },
  };
}

/** Who may delete the node may delete its volumes, but an available node may be deployed any moment. */
const goesWithNode = (state: Node['provision_state']): boolean => stateOf(state).deletable && state !== 'available';

function volumeHandlers(services: VolumeNeeds, resource: Resource): Record<string, Handler> {
  const { nodes } = services;
  const owned = async (item: Item) => ({ ...item, node_uuid: (await ownerNode(nodes, item.node_uuid)).uuid });
  /** A machine that runs has its volumes in use. */
  const refuseRunning = async (item: Item, action: string, idle: (node: Node) => boolean = () => false) => {
    const node = await nodes.get(String(item.node_uuid));
    if (node === undefined) return;
    refuseLocked(node);
    if (node.power_state !== 'power off' && !idle(node)) {
      throw new InvalidInput(
        `The requested action "${resource.noun} ${action}" can not be performed on node "${node.uuid}" ` +
          `while it is in state "${node.power_state}": it must be powered off.`,
      );
    }
  };
  const hooks: Hooks = {
    create: owned,
    patch: async (after, before) => {
      await refuseRunning(before, 'update');
      return owned(after);
    },
    remove: (item) => refuseRunning(item, 'deletion', (node) => goesWithNode(node.provision_state)),
    filter: async (values, request) => {
      const ident = values.string('node');
      const node = ident === undefined ? undefined : await findNode(nodes, ident, request.minor);
      return (item) => node === undefined || item.node_uuid === node.uuid;
    },
  };
  const { list } = resourceCalls(services, resource, hooks);
  return {
    ...resourceHandlers(services, resource, hooks),
    '#of-node': async (request) => {
      needs(request, ...resource.gates.read);
      const ident = request.params.node ?? '';
      const { uuid } = await findNode(nodes, ident, request.minor);
      return list(request, { path: `nodes/${ident}/${resource.path}`, of: (item) => item.node_uuid === uuid });
    },
  };
}
