import { InvalidInput, NotFound } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { isObject, objectWith } from '../../shared/resource/checks.ts';
import { traitOf, traitSet } from '../../shared/resource/trait.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { needs } from './below.ts';
import { findNode } from './find-node.ts';

const SINCE = 37;

export function traitHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const change = async (request: ApiRequest, decide: (node: Node) => string[]) => {
    const node = await findNode(nodes, request.params.node ?? '', request.minor);
    refuseLocked(node);
    await nodes.replace({ ...node, traits: traitSet(decide(node), 'A node') });
  };
  return {
    '#list': async (request) => {
      needs(request, SINCE, 406);
      const node = await findNode(nodes, request.params.node ?? '', request.minor);
      return { status: 200, body: { traits: [...node.traits].sort() } };
    },
    '#replace': async (request) => {
      needs(request, SINCE, 405);
      const { traits } = objectWith(request.body, ['traits'], 'Traits');
      if (!Array.isArray(traits)) throw new InvalidInput('traits must be a list');
      const checked = traits.map(traitOf);
      await change(request, () => checked);
      return { status: 204 };
    },
    '#add': async (request) => {
      needs(request, SINCE, 405);
      const said = isObject(request.body) ? Object.keys(request.body).length > 0 : request.body !== undefined;
      if (said) throw new InvalidInput('A body is not allowed when a single trait is added');
      const trait = traitOf(request.params.trait);
      await change(request, (node) => [...node.traits, trait]);
      const location = `${request.publicUrl}/v1/nodes/${encodeURIComponent(request.params.node ?? '')}/traits/${trait}`;
      return { status: 204, headers: { Location: location } };
    },
    '#clear': async (request) => {
      needs(request, SINCE, 404);
      await change(request, () => []);
      return { status: 204 };
    },
    '#remove': async (request) => {
      needs(request, SINCE, 404);
      const { trait } = request.params;
      await change(request, (node) => {
        if (!node.traits.includes(trait ?? ''))
          throw new NotFound(`Node ${node.uuid} doesn't have a trait "${trait}".`);
        return node.traits.filter((one) => one !== trait);
      });
      return { status: 204 };
    },
  };
}
