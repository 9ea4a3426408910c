import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

export function childHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#list': async (request) => {
      needs(request, 83, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const children = (await nodes.list()).filter(({ parent_node }) => parent_node === node.uuid);
      const body = {
        children: children.map(({ uuid }) => uuid),
        links: { href: `${request.publicUrl}/v1/nodes?parent_node=${node.uuid}`, rel: 'children' },
      };
      return { status: 200, body };
    },
  };
}
