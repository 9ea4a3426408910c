import { documentKey } from '../../shared/documents.ts';
import { NotFound } from '../../shared/errors.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

/** What the last inspection stored; BMO starts an inspection on the 404. */
export function inventoryHandlers({
  nodes,
  documents,
}: Pick<Services, 'nodes' | 'documents'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      needs(request, 81, 404);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      const bytes = await documents.get(documentKey('inventory', `${node.uuid}.json`));
      if (bytes === undefined) throw new NotFound(`Node ${node.uuid} has no inventory: it was not inspected yet.`);
      return { status: 200, body: JSON.parse(new TextDecoder().decode(bytes)) };
    },
  };
}
