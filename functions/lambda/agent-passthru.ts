import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { functionBackground } from '../../shared/adapters/vendor/function-background.ts';
import { systemClock } from '../../shared/clock.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import { legacyHeartbeatHandler } from '../agent/legacy.ts';
import { passthru } from '../agent/passthru.ts';
import { serve } from '../api.ts';
import { readConfiguration, readPassthruEnvironment } from '../env.ts';
import { routesOf } from './agent-routes.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';
import { lambdaHooks } from './lambda-hooks.ts';
import { tablesOf } from './tables-of.ts';

export const handler = apiFunction(() => {
  const env = readPassthruEnvironment();
  const client = makeClient();
  const configuration = readConfiguration();
  const tables = tablesOf(env);
  const services = {
    nodes: new DynamoNodeStore(client, tables),
    sessions: new DynamoSessionStore(client, tables),
    documents: new S3Documents(new S3Client({ maxAttempts: 2 }), env.DOCUMENTS_BUCKET),
    workflow: new StepFunctionsWorkflow(new SFNClient({ maxAttempts: 2 }), env.STATE_MACHINE_ARN),
    clock: systemClock,
    ids: { uuid: newUuid },
    counters: new DynamoCounters(client, tables),
    configuration,
    hooks: lambdaHooks(configuration),
    background: functionBackground(new LambdaClient({ maxAttempts: 2 }), env.VENDOR_WORK_FUNCTION),
  };
  const handlers = { ...passthru(services), 'agent/legacy-heartbeat': legacyHeartbeatHandler(services) };
  return {
    serve: serve(routesOf('agent-passthru'), handlers, { log: jsonLog, metrics: emf }),
    publicUrl: env.NODELESS_PUBLIC_URL,
  };
});
