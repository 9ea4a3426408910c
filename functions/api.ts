import { randomUUID } from 'node:crypto';
import {
  Forbidden,
  InvalidInput,
  MethodNotAllowed,
  NodelessError,
  NotAcceptable,
  NotAuthenticated,
  NotFound,
  TooManyRequests,
} from '../shared/errors.ts';
import type { Log, LogFields } from '../shared/log.ts';
import type { Metrics } from '../shared/metrics/metrics.ts';
import { measuresOfRequest } from '../shared/metrics/of-requests.ts';
import type { ApiRequest, ApiResponse, RawRequest, RawResponse, Role, Route } from './http.ts';
import { errorToHttp, type Origin } from './middleware/errors-to-http.ts';
import { bodyText, parseJson } from './middleware/json-body.ts';
import { type Negotiated, negotiate, versionHeaders } from './middleware/microversion.ts';
import { isOfLaterVersion } from './middleware/node-parts.ts';
import { refuseOtherSites } from './middleware/other-sites.ts';
import { render } from './middleware/render.ts';
import { type Match, Router } from './middleware/router.ts';
import type { Handler } from './services.ts';

export interface ServeOptions {
  /** Absent = everybody is an administrator. Header names are lower-case. Throws NotAuthenticated or InvalidInput. */
  authenticate?(request: RawRequest & { headers: Record<string, string> }): Promise<{ user: string; role: Role }>;
  log: Log;
  metrics?: Metrics | undefined;
}

const RANK: readonly Role[] = ['reader', 'member', 'admin'];

/** An API over its routes: one HTTP request in, one answer and one log line out. Knows no Lambda. */
export function serve(
  routes: readonly Route[],
  handlers: Record<string, Handler>,
  { authenticate, log, metrics }: ServeOptions,
): (raw: RawRequest) => Promise<RawResponse> {
  const router = new Router(routes);

  return async (raw) => {
    const started = performance.now();
    const headers = lowerCase(raw.headers);
    const negotiated = negotiate(headers);
    const requestId = `req-${randomUUID()}`;
    let origin = 'router' as Origin;
    let route: Route | undefined;
    let failure: unknown;
    let node: string | undefined;

    const answer = async (): Promise<ApiResponse> => {
      const minor = negotiated.kind === 'agreed' ? negotiated.minor : 1;
      const match = matched(router, raw, minor);
      origin = 'auth';
      const who = isPublic(match) ? undefined : await authenticate?.({ ...raw, headers });
      origin = 'router';
      const found = required(match, negotiated, headers, raw.method);
      route = found.route;
      node = found.params['node']?.slice(0, 64);
      if (who !== undefined && RANK.indexOf(who.role) < RANK.indexOf(route.role)) {
        origin = 'handler';
        throw new Forbidden(`${route.summary}: needs the role ${route.role}, and ${who.user} is ${who.role}`);
      }
      if (route.api === 'operator') refuseOtherSites(raw.method, headers, raw.publicUrl);
      origin = 'body';
      const text = bodyText(raw.body, route.bodyLimitBytes);
      origin = 'handler';
      const request: ApiRequest = {
        method: raw.method,
        path: found.path,
        params: found.params,
        query: query(raw.rawQuery),
        headers,
        body: parseJson(text),
        publicUrl: joined(raw.publicUrl, route, found.params),
        sourceIp: raw.sourceIp,
        requestId,
        minor,
        versioned: negotiated.kind === 'agreed' && negotiated.versioned,
        user: who?.user ?? null,
      };
      return call(handlers, router, found, request, raw);
    };

    const response = await answer().catch((error: unknown) => {
      failure = error;
      return errorToHttp(error, origin, requestId);
    });
    const fields: LogFields = {
      request: requestId,
      method: raw.method,
      route: route?.path ?? 'none',
      status: response.status,
      milliseconds: Math.round(performance.now() - started),
      ...(node === undefined ? {} : { node }),
      ...response.journal,
      ...refusalOf(failure, headers, raw.sourceIp),
    };
    for (const measure of measuresOfRequest(routes[0]?.api ?? 'agent', fields)) metrics?.record(measure);
    if (response.status >= 500) log.error('request', { ...fields, error: whereOf(failure) });
    else log.info('request', fields);
    // Who is not let in learns nothing of the versions, either.
    const versions = failure !== undefined && origin === 'auth' ? {} : versionHeaders(negotiated);
    return render(response, raw.method, { ...versions, ...requestIds(requestId) });
  };
}

/** Links lead back below the join token with which the machine came. */
function joined(publicUrl: string, { path }: Route, { token }: Record<string, string>): string {
  return path.startsWith('/join/{token}') ? `${publicUrl}/join/${encodeURIComponent(token ?? '')}` : publicUrl;
}

/** Why it was refused, as the product calls it: never the text, which may quote what was sent. */
function refusalOf(failure: unknown, headers: Record<string, string>, source: string): LogFields {
  if (!(failure instanceof NodelessError)) return {};
  const refused = failure instanceof NotAuthenticated && headers['authorization'] !== undefined;
  const guessed = refused || failure instanceof TooManyRequests;
  return { error: failure.code, ...(guessed ? { decision: 'login-refused', source } : {}), ...failure.journal };
}

type Found = Extract<Match, { kind: 'found' }>;

/** A path that cannot be read is refused after authentication, as an unknown one is. */
function matched(router: Router, { method, path }: RawRequest, minor: number): Match | InvalidInput {
  try {
    return router.match(method, path, minor);
  } catch (error) {
    if (error instanceof InvalidInput) return error;
    throw error;
  }
}

function isPublic(match: Match | InvalidInput): boolean {
  if (match instanceof InvalidInput) return false;
  if (match.kind === 'found') return match.route.role === 'public' || match.route.role === 'agent';
  return match.kind === 'wrong-method' && match.public;
}

const NOT_FOUND = 'The resource could not be found.';

function required(
  match: Match | InvalidInput,
  version: Negotiated,
  headers: Record<string, string>,
  method: string,
): Found {
  if (match instanceof InvalidInput) throw match;
  if (match.kind === 'none') throw new NotFound(NOT_FOUND);
  if (version.kind === 'refused') throw new NotAcceptable(version.message);
  if (match.kind === 'wrong-method') {
    if (isOfLaterVersion(match.path, version.minor)) throw new NotFound(NOT_FOUND);
    throw new MethodNotAllowed(`${method} is not allowed here`, match.allow);
  }
  const accept = headers['accept'];
  if (accept !== undefined && accept !== '' && !/json|\*\/\*|application\/\*/i.test(accept)) {
    throw new NotAcceptable('Only application/json is spoken here');
  }
  return match;
}

/** Below 1.91 a dropped `.json` may have been part of a name after all: then the full name is tried. */
async function call(
  handlers: Record<string, Handler>,
  router: Router,
  found: Found,
  request: ApiRequest,
  raw: RawRequest,
): Promise<ApiResponse> {
  const handler = handlers[found.route.handler];
  if (handler === undefined) throw new Error(`no handler ${found.route.handler}`);
  try {
    return await handler(request);
  } catch (error) {
    if (!(error instanceof NotFound) || !found.suffixDropped) throw error;
    const again = router.match(raw.method, raw.path, request.minor, true);
    if (again.kind !== 'found' || again.route !== found.route) throw error;
    return handler({ ...request, params: again.params, path: again.path });
  }
}

function query(rawQuery: string): Record<string, string> {
  const pairs = [...new URLSearchParams(rawQuery)];
  const values = Object.fromEntries(pairs);
  if (Object.keys(values).length < pairs.length) throw new InvalidInput('A query argument was given twice');
  return values;
}

function lowerCase(headers: RawRequest['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
  );
}

function requestIds(id: string): Record<string, string> {
  return { 'OpenStack-Request-Id': id, 'X-OpenStack-Request-Id': id };
}

/** An unknown error's message may hold anything, also a secret: its kind and place are enough to find it. */
function whereOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const cause = error.cause instanceof Error ? ` because of ${error.cause.name}` : '';
  return `${error.name}${cause} ${
    error.stack
      ?.split('\n')
      .find((line) => line.startsWith('    at '))
      ?.trim() ?? ''
  }`;
}
