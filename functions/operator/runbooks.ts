import { timestamp } from '../../shared/clock.ts';
import { type Item, uniquesOf } from '../../shared/resource/resource.ts';
import { traitSet } from '../../shared/resource/trait.ts';
import { checkRunbook, RUNBOOK, type Runbook } from '../../shared/runbook/runbook.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { findResource, type Needs, resourceHandlers } from './resource-handlers.ts';
import { traitCalls } from './trait-calls.ts';

const checked = (item: Item, { minor }: Pick<ApiRequest, 'minor'>): Item => {
  checkRunbook(item as unknown as Runbook, minor);
  return item;
};

export function runbookHandlers(services: Needs): Record<string, Handler> {
  const { resources, clock } = services;
  const find = ({ params, minor }: ApiRequest) => findResource(services, RUNBOOK, params.runbook ?? '', minor);
  // Unlike a node's, a trait that is not there may be taken away: clients count on it.
  const traits = traitCalls({
    since: 112,
    readBelow: 404,
    path: ({ params }) => `runbooks/${encodeURIComponent(params.runbook ?? '')}`,
    read: async (request) => traitsOf(await find(request)),
    change: async (request, decide) => {
      const item = await find(request);
      const unique = uniquesOf(RUNBOOK, item);
      const changed = {
        traits: traitSet(decide(traitsOf(item), item.uuid), 'A runbook'),
        updated_at: timestamp(clock.now()),
      };
      await resources.replace('runbook', { ...item, ...changed }, { before: unique, after: unique });
    },
  });
  return {
    ...resourceHandlers(services, RUNBOOK, {
      create: checked,
      // A free name from a newer client does not stop an older one from changing the rest.
      patch: (after, before, request) => checked(after, after.name === before.name ? { minor: 115 } : request),
    }),
    '#traits': traits.list,
    '#replace-traits': traits.replace,
    '#clear-traits': traits.clear,
    '#add-trait': traits.add,
    '#remove-trait': traits.remove,
  };
}

const traitsOf = ({ traits }: Item): string[] =>
  Array.isArray(traits) ? traits.filter((one): one is string => typeof one === 'string') : [];
