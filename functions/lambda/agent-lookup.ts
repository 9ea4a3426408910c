import { bootHandler } from '../agent/boot.ts';
import { legacyLookupHandler } from '../agent/legacy.ts';
import { lookupHandler } from '../agent/lookup.ts';
import { mediumHandler } from '../agent/medium.ts';
import { serve } from '../api.ts';
import { readLookupEnvironment } from '../env.ts';
import { routesOf } from './agent-routes.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';
import { lookupServices } from './lookup-services.ts';

export const handler = apiFunction(() => {
  const env = readLookupEnvironment();
  const services = lookupServices(env);
  const handlers = {
    'agent/lookup': lookupHandler(services),
    'agent/boot': bootHandler(services),
    'agent/medium': mediumHandler(services),
    'agent/legacy-lookup': legacyLookupHandler(services),
  };
  return {
    serve: serve(routesOf('agent-lookup'), handlers, { log: jsonLog, metrics: emf }),
    publicUrl: env.NODELESS_PUBLIC_URL,
  };
});
