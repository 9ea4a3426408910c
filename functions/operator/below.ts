import { MethodNotAllowed, NotAcceptable, NotFound } from '../../shared/errors.ts';
import type { ApiRequest } from '../http.ts';

/** What Ironic answers when an endpoint is newer than the request's version: it differs by endpoint (operator-api.md §2.9). */
const REFUSALS = {
  404: () => new NotFound('The resource could not be found.'),
  405: () => new MethodNotAllowed('The method is not allowed for this resource.', ['GET']),
  406: (since: number) => new NotAcceptable(`Request not acceptable. The minimal required API version is 1.${since}`),
};

export function needs(request: ApiRequest, since: number, refusal: keyof typeof REFUSALS): void {
  if (request.minor < since) throw REFUSALS[refusal](since);
}
