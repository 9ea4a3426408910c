import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

export function validateHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: validateInterfaces(node) };
    },
  };
}
