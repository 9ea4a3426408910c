import { agentHandlers } from '../../functions/agent/handlers.ts';
import { type ServeOptions, serve } from '../../functions/api.ts';
import type { RawRequest, RawResponse, Route } from '../../functions/http.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import type { Services } from '../../functions/services.ts';

type Serve = (raw: RawRequest) => Promise<RawResponse>;

/** Both APIs over one table of routes. Only operators have a name and a password; an agent has its token. */
export function servedApis(services: Services, options: ServeOptions): { operator: Serve; agent: Serve } {
  const of = (api: Route['api']) => ROUTES.filter((route) => route.api === api);
  return {
    operator: serve(of('operator'), operatorHandlers(services), options),
    agent: serve(of('agent'), agentHandlers(services), { log: options.log, metrics: options.metrics }),
  };
}
