import { SFNClient } from '@aws-sdk/client-sfn';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { systemClock } from '../../shared/clock.ts';
import { heartbeatHandler } from '../agent/heartbeat.ts';
import { serve } from '../api.ts';
import { readConfiguration, readHeartbeatEnvironment } from '../env.ts';
import { routesOf } from './agent-routes.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';

/** Runs more often than all others together: client-dynamodb, client-sfn, middy, and nothing else (a test looks). */
export const handler = apiFunction(() => {
  const env = readHeartbeatEnvironment();
  const heartbeat = heartbeatHandler({
    sessions: new DynamoSessionStore(makeClient(), { agents: env.AGENTS_TABLE }),
    workflow: new StepFunctionsWorkflow(new SFNClient({ maxAttempts: 2 }), env.STATE_MACHINE_ARN),
    clock: systemClock,
    configuration: readConfiguration(),
  });
  return {
    serve: serve(routesOf('agent-heartbeat'), { 'agent/heartbeat': heartbeat }, { log: jsonLog, metrics: emf }),
    publicUrl: env.NODELESS_PUBLIC_URL,
  };
});
