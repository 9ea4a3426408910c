import type { JsonObject } from '../../shared/json.ts';
import { actEvent } from '../../shared/node/act-event.ts';
import { isObject } from '../../shared/resource/checks.ts';
import { changeNode } from '../../shared/vendor/change-node.ts';
import type { ApiRequest, Route } from '../http.ts';
import { ROUTES } from '../routes.ts';
import type { Handler, Services } from '../services.ts';
import { findNode } from './find-node.ts';

/** Handlers whose route is an act on a node write what was done into its history, once it is done. */
export function withActs(handlers: Record<string, Handler>, services: Pick<Services, 'nodes' | 'log'>) {
  const acts = ROUTES.flatMap(({ handler: name, ...route }) => {
    const handler = handlers[name];
    return route.act === undefined || handler === undefined ? [] : [[name, told(handler, route, services)] as const];
  });
  return { ...handlers, ...Object.fromEntries(acts) };
}

function told(
  handler: Handler,
  { summary, act = [] }: Pick<Route, 'summary' | 'act'>,
  { nodes, log }: Pick<Services, 'nodes' | 'log'>,
): Handler {
  return async (request) => {
    const response = await handler(request);
    const { acted } = response;
    // A GET of a vendor method reads, and what was not done has told so itself.
    if (request.method === 'GET' || acted === false) return response;
    const write = async () => {
      const uuid = acted ?? (await findNode(nodes, request.params['node'] ?? '', request.minor)).uuid;
      await changeNode(nodes, uuid, (node) => node, actEvent(request.user, summary, shownOf(request, act)));
    };
    // It is done: who asked must not believe otherwise and ask again.
    await write().catch((error: unknown) => {
      log.error('an act is missing in the history', { error: error instanceof Error ? error.name : typeof error });
    });
    return response;
  };
}

/** What the path names beside the node, and of query and body what the route lets be seen. */
function shownOf({ params: { node: _, ...named }, query, body }: ApiRequest, act: readonly string[]): JsonObject {
  const given: JsonObject = { ...query, ...(isObject(body) ? body : {}) };
  const seen = act.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]));
  return { ...Object.fromEntries(seen), ...named };
}
