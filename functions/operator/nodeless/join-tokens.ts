import { timestamp } from '../../../shared/clock.ts';
import { ClaimTaken, Conflict, InvalidInput } from '../../../shared/errors.ts';
import { hashOf, idOf, mintToken } from '../../../shared/join-token/join-token.ts';
import { JOIN_TOKEN, withState } from '../../../shared/join-token/join-token-resource.ts';
import { isObject } from '../../../shared/resource/checks.ts';
import { parseQuery } from '../../../shared/resource/query.ts';
import { type Item, newItem, type Resource, showItem, uniquesOf } from '../../../shared/resource/resource.ts';
import type { ApiRequest } from '../../http.ts';
import type { Handler, Services } from '../../services.ts';
import { findResource, resourceCalls } from '../resource-handlers.ts';

const YEAR_SECONDS = 366 * 86_400;

export function joinTokenHandlers(
  services: Pick<Services, 'resources' | 'clock' | 'ids' | 'configuration'>,
): Record<string, Handler> {
  const { resources, clock } = services;
  const shown: Resource = { ...JOIN_TOKEN, visible: (item) => withState(item, clock.now()) };
  const { list } = resourceCalls(services, shown);
  const find = ({ params, minor }: ApiRequest) => findResource(services, shown, params.join_token ?? '', minor);

  const create: Handler = async (request) => {
    parseQuery(request.query, {}, request.minor);
    const now = clock.now();
    const token = mintToken();
    const made = { uuid: idOf(token), at: timestamp(now) };
    const item = newItem(shown, withExpiry(request.body, now), request.minor, made);
    if (typeof item['expires_at'] === 'string' && Date.parse(item['expires_at']) <= now) {
      throw new InvalidInput('expires_at must be in the future');
    }
    const { state: _state, ...fields } = item;
    const kept = { ...fields, hash: hashOf(token), used: 0, created_by: request.user } as Item;
    const stored = await resources.create('join_token', kept, uniquesOf(shown, kept)).catch((error: unknown) => {
      if (!(error instanceof ClaimTaken)) throw error;
      throw new Conflict(`A join token with name ${error.value} already exists.`);
    });
    // The only answer that ever holds it.
    const body = { ...showItem(shown, stored, request), token, path: `/join/${token}` };
    return { status: 201, headers: { 'Cache-Control': 'no-store' }, body };
  };

  const revoke: Handler = async (request) => {
    parseQuery(request.query, {}, request.minor);
    const item = await find(request);
    if (item['revoked_at'] === null) {
      const at = timestamp(clock.now());
      const revoked = { ...item, revoked_at: at, revoked_by: request.user, updated_at: at };
      const unique = uniquesOf(shown, item);
      await resources.replace('join_token', revoked, { before: unique, after: unique });
    }
    return { status: 204 };
  };

  return {
    '#create': create,
    '#list': (request) => list(request),
    '#show': async (request) => {
      parseQuery(request.query, {}, request.minor);
      return { status: 200, body: showItem(shown, await find(request), request) };
    },
    '#revoke': revoke,
  };
}

/** `expires_in_seconds` is for people who cannot add dates. */
function withExpiry(body: unknown, now: number): unknown {
  if (!isObject(body) || body['expires_in_seconds'] === undefined) return body ?? {};
  const { expires_in_seconds: seconds, ...rest } = body;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 1 || seconds > 10 * YEAR_SECONDS) {
    throw new InvalidInput('expires_in_seconds: expected a whole number of seconds');
  }
  if (rest['expires_at'] !== undefined) throw new InvalidInput('Either expires_at or expires_in_seconds, not both');
  return { ...rest, expires_at: new Date(now + seconds * 1000).toISOString() };
}
