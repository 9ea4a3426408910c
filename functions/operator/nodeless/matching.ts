import { rulesOf } from '../../../shared/identity/matching.ts';
import { parseQuery } from '../../../shared/resource/query.ts';
import type { Handler, Services } from '../../services.ts';

export function matchingHandlers({ configuration }: Pick<Services, 'configuration'>): Record<string, Handler> {
  return {
    '#show': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const { preset, hook = null } = configuration.matching;
      const { weights, threshold, firstThreshold, vetoes, ignoredValues } = rulesOf(configuration.matching);
      const body = {
        preset,
        weights,
        threshold,
        first_threshold: firstThreshold,
        vetoes,
        ignored_values: ignoredValues,
        hook,
      };
      return { status: 200, body };
    },
  };
}
