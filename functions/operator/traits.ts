import { NotFound } from '../../shared/errors.ts';
import { refuseLocked } from '../../shared/node/node-guards.ts';
import { traitSet } from '../../shared/resource/trait.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';
import { traitCalls } from './trait-calls.ts';

export function traitHandlers({ nodes }: Pick<Services, 'nodes'>): Record<string, Handler> {
  const find = ({ params, minor }: ApiRequest) => findNode(nodes, params.node ?? '', minor);
  const { list, replace, add, clear, remove } = traitCalls({
    since: 37,
    readBelow: 406,
    path: ({ params }) => `nodes/${encodeURIComponent(params.node ?? '')}`,
    read: async (request) => (await find(request)).traits,
    change: async (request, decide) => {
      const node = await find(request);
      refuseLocked(node);
      await nodes.replace({ ...node, traits: traitSet(decide(node.traits, node.uuid), 'A node') });
    },
    missing: (uuid, trait) => {
      throw new NotFound(`Node ${uuid} doesn't have a trait "${trait}".`);
    },
  });
  return { '#list': list, '#replace': replace, '#add': add, '#clear': clear, '#remove': remove };
}
