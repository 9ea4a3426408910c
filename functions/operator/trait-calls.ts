import { InvalidInput } from '../../shared/errors.ts';
import { isObject, objectWith } from '../../shared/resource/checks.ts';
import { traitOf } from '../../shared/resource/trait.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { needs } from './below.ts';

/** What may have traits: nodes and runbooks. */
interface Bearer {
  since: number;
  /** What a version before answers who reads them. */
  readBelow: 404 | 406;
  /** Where it is, below `/v1/`. */
  path(request: ApiRequest): string;
  read(request: ApiRequest): Promise<readonly string[]>;
  change(request: ApiRequest, decide: (traits: readonly string[], uuid: string) => string[]): Promise<void>;
  /** A trait that is not there is taken away: throws, or does not mind. */
  missing?(uuid: string, trait: string): void;
}

/** The five calls on traits. */
export function traitCalls({ since, readBelow, path, read, change, missing }: Bearer) {
  return {
    list: async (request) => {
      needs(request, since, readBelow);
      return { status: 200, body: { traits: [...(await read(request))].sort() } };
    },
    replace: async (request) => {
      needs(request, since, 405);
      const { traits } = objectWith(request.body, ['traits'], 'Traits');
      if (!Array.isArray(traits)) throw new InvalidInput('traits must be a list');
      const wanted = traits.map(traitOf);
      await change(request, () => wanted);
      return { status: 204 };
    },
    add: async (request) => {
      needs(request, since, 405);
      const said = isObject(request.body) ? Object.keys(request.body).length > 0 : request.body !== undefined;
      if (said) throw new InvalidInput('A body is not allowed when a single trait is added');
      const trait = traitOf(request.params.trait);
      await change(request, (traits) => [...traits, trait]);
      return { status: 204, headers: { Location: `${request.publicUrl}/v1/${path(request)}/traits/${trait}` } };
    },
    clear: async (request) => {
      needs(request, since, 404);
      await change(request, () => []);
      return { status: 204 };
    },
    remove: async (request) => {
      needs(request, since, 404);
      const { trait = '' } = request.params;
      await change(request, (traits, uuid) => {
        if (!traits.includes(trait)) missing?.(uuid, trait);
        return traits.filter((one) => one !== trait);
      });
      return { status: 204 };
    },
  } satisfies Record<string, Handler>;
}
