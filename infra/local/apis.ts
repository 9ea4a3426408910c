import { agentHandlers } from '../../functions/agent/handlers.ts';
import { type RawRequest, type RawResponse, type ServeOptions, serve } from '../../functions/api.ts';
import type { Route } from '../../functions/http.ts';
import { discoveryHandlers } from '../../functions/operator/discovery.ts';
import type { Services } from '../../functions/services.ts';

type Serve = (raw: RawRequest) => Promise<RawResponse>;

const route = (api: 'agent' | 'operator', method: string, path: string, handler: string): Route => ({
  api,
  method,
  path,
  handler,
  role: api === 'agent' ? 'agent' : 'public',
  summary: handler,
});

/** Provisional: `functions/routes.ts` takes this table's place. */
const ROUTES: readonly Route[] = [
  route('operator', 'GET', '/', '#root'),
  route('operator', 'GET', '/v1', '#v1'),
  route('agent', 'GET', '/', 'agent/root'),
  route('agent', 'GET', '/v1', 'agent/v1'),
  route('agent', 'GET', '/v1/lookup', 'agent/lookup'),
  route('agent', 'POST', '/v1/heartbeat/{node}', 'agent/heartbeat'),
  route('agent', 'POST', '/v1/continue_inspection', 'agent/inspection'),
];

/** Both APIs over one table of routes. Only operators have a name and a password; an agent has its token. */
export function servedApis(services: Services, options: ServeOptions): { operator: Serve; agent: Serve } {
  const of = (api: Route['api']) => ROUTES.filter((candidate) => candidate.api === api);
  return {
    operator: serve(of('operator'), discoveryHandlers(), options),
    agent: serve(of('agent'), agentHandlers(services), { log: options.log }),
  };
}
