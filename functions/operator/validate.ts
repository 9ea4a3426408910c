import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

export function validateHandlers({
  nodes,
  configuration,
}: Pick<Services, 'nodes' | 'configuration'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: validateInterfaces(node, configuration) };
    },
    /** The older spelling: `/v1/nodes/validate?node=`. */
    '#by-query': async (request) => {
      const given = parseQuery(request.query, { node: ['string', 1], node_uuid: ['string', 1] }, request.minor);
      const ident = given.string('node') ?? given.string('node_uuid');
      if (ident === undefined) throw new InvalidInput('Expected a logical name or UUID in node or node_uuid.');
      const node = await findNode(nodes, ident, request.minor);
      return { status: 200, body: validateInterfaces(node, configuration) };
    },
  };
}
