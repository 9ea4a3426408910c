import { parametersHandler } from '../agent/parameters.ts';
import { rootHandler, v1Handler } from '../agent/root.ts';
import { serve } from '../api.ts';
import { readPublicUrl } from '../env.ts';
import { routesOf } from './agent-routes.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';

/** Looks at nothing but the request: it answers when everything else is down. */
export const handler = apiFunction(() => ({
  serve: serve(
    routesOf('agent-root'),
    { 'agent/root': rootHandler, 'agent/v1': v1Handler, 'agent/parameters': parametersHandler },
    { log: jsonLog, metrics: emf },
  ),
  publicUrl: readPublicUrl(),
}));
