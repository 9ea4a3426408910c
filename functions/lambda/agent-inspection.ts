import { inspectionHandler } from '../agent/inspection.ts';
import { serve } from '../api.ts';
import { readLookupEnvironment } from '../env.ts';
import { routesOf } from './agent-routes.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';
import { lookupServices } from './lookup-services.ts';

export const handler = apiFunction(() => {
  const env = readLookupEnvironment();
  const handlers = { 'agent/inspection': inspectionHandler(lookupServices(env)) };
  return {
    serve: serve(routesOf('agent-inspection'), handlers, { log: jsonLog, metrics: emf }),
    publicUrl: env.NODELESS_PUBLIC_URL,
  };
});
