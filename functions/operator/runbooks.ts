import { timestamp } from '../../shared/clock.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { objectWith } from '../../shared/resource/checks.ts';
import { type Item, uniquesOf } from '../../shared/resource/resource.ts';
import { traitOf, traitSet } from '../../shared/resource/trait.ts';
import { checkRunbook, RUNBOOK, type Runbook } from '../../shared/runbook/runbook.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { needs } from './below.ts';
import { findResource, type Needs, resourceHandlers } from './resource-handlers.ts';

const TRAITS_SINCE = 112;

const checked = (item: Item, { minor }: ApiRequest): Item => {
  checkRunbook(item as unknown as Runbook, minor);
  return item;
};

export function runbookHandlers(services: Needs): Record<string, Handler> {
  const { resources, clock } = services;
  const find = ({ params, minor }: ApiRequest) => findResource(services, RUNBOOK, params.runbook ?? '', minor);
  const change = async (request: ApiRequest, decide: (traits: string[]) => string[]) => {
    const item = await find(request);
    const traits = traitSet(decide(traitsOf(item)), 'A runbook');
    const unique = uniquesOf(RUNBOOK, item);
    const updated_at = timestamp(clock.now());
    await resources.replace('runbook', { ...item, traits, updated_at }, { before: unique, after: unique });
    return { status: 204 };
  };
  return {
    ...resourceHandlers(services, RUNBOOK, {
      create: checked,
      // A free name from a newer client does not stop an older one from changing the rest.
      patch: (after, before, request) =>
        checked(after, after.name === before.name ? { ...request, minor: 115 } : request),
    }),
    '#traits': async (request) => {
      needs(request, TRAITS_SINCE, 404);
      return { status: 200, body: { traits: traitsOf(await find(request)) } };
    },
    '#replace-traits': async (request) => {
      needs(request, TRAITS_SINCE, 405);
      const { traits } = objectWith(request.body, ['traits'], 'Traits');
      if (!Array.isArray(traits)) throw new InvalidInput('traits must be a list');
      const wanted = traits.map(traitOf);
      return change(request, () => wanted);
    },
    '#clear-traits': async (request) => {
      needs(request, TRAITS_SINCE, 404);
      return change(request, () => []);
    },
    '#add-trait': async (request) => {
      needs(request, TRAITS_SINCE, 405);
      const trait = traitOf(request.params.trait);
      const { status } = await change(request, (traits) => [...traits, trait]);
      const ident = encodeURIComponent(request.params.runbook ?? '');
      return { status, headers: { Location: `${request.publicUrl}/v1/runbooks/${ident}/traits/${trait}` } };
    },
    '#remove-trait': async (request) => {
      needs(request, TRAITS_SINCE, 404);
      const { trait = '' } = request.params;
      // Unlike a node's, one that is not there is no error: clients count on it.
      return change(request, (traits) => traits.filter((one) => one !== trait));
    },
  };
}

function traitsOf({ traits }: Item): string[] {
  return Array.isArray(traits) ? traits.filter((one): one is string => typeof one === 'string') : [];
}
