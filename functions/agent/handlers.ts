import type { Handler, Services } from '../services.ts';
import { bootHandler } from './boot.ts';
import { heartbeatHandler } from './heartbeat.ts';
import { inspectionHandler } from './inspection.ts';
import { legacyHeartbeatHandler, legacyLookupHandler } from './legacy.ts';
import { lookupHandler } from './lookup.ts';
import { mediumHandler } from './medium.ts';
import { parametersHandler } from './parameters.ts';
import { passthru } from './passthru.ts';
import { rootHandler, v1Handler } from './root.ts';

/** Every handler of the agent API by the name that its route gives it. */
export function agentHandlers(services: Services): Record<string, Handler> {
  return {
    'agent/root': rootHandler,
    'agent/v1': v1Handler,
    'agent/boot': bootHandler(services),
    'agent/parameters': parametersHandler,
    'agent/medium': mediumHandler(services),
    'agent/lookup': lookupHandler(services),
    'agent/heartbeat': heartbeatHandler(services),
    'agent/inspection': inspectionHandler(services),
    'agent/legacy-lookup': legacyLookupHandler(services),
    'agent/legacy-heartbeat': legacyHeartbeatHandler(services),
    ...passthru(services),
  };
}
