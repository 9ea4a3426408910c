import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoPortStore } from '../../shared/adapters/dynamodb/port-store.ts';
import { DynamoResourceStore } from '../../shared/adapters/dynamodb/resource-store.ts';
import { DynamoSecretStore } from '../../shared/adapters/dynamodb/secret-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { tokenKeyFrom } from '../../shared/adapters/secrets/token-key.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { systemClock } from '../../shared/clock.ts';
import { RedfishBmcs } from '../../shared/drivers/redfish/redfish-bmcs.ts';
import { remoteDrivers } from '../../shared/drivers/remote-drivers.ts';
import { readConfiguration, readWorkflowEnvironment } from '../env.ts';
import type { WorkflowServices } from '../workflow/advance.ts';
import { jsonLog } from './json-log.ts';
import { lambdaHooks } from './lambda-hooks.ts';
import { once } from './once.ts';
import { tablesOf } from './tables-of.ts';

/** What carries a run on: advance, expire and the sweeper. */
export const workflowServices = once((): WorkflowServices => {
  const env = readWorkflowEnvironment();
  const client = makeClient();
  const tables = tablesOf(env);
  // One attempt, and longer than the longest exchange: a repeated send would be a second exchange.
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 90_000 },
  });
  const reach = lambdaReach(lambda, env.REACH_FUNCTION);
  const configuration = readConfiguration();
  const secrets = new DynamoSecretStore(client, tables);
  return {
    nodes: new DynamoNodeStore(client, tables),
    ports: new DynamoPortStore(client, tables),
    resources: new DynamoResourceStore(client, tables),
    sessions: new DynamoSessionStore(client, tables),
    counters: new DynamoCounters(client, tables),
    secrets,
    documents: new S3Documents(new S3Client({ maxAttempts: 2 }), env.DOCUMENTS_BUCKET),
    workflow: new StepFunctionsWorkflow(new SFNClient({ maxAttempts: 2 }), env.STATE_MACHINE_ARN),
    reach,
    bmcs: remoteDrivers(new RedfishBmcs({ reach, secrets, clock: systemClock }), lambdaHooks(configuration)),
    clock: systemClock,
    configuration,
    tokenKey: tokenKeyFrom(new SecretsManagerClient({ maxAttempts: 2 }), env.TOKEN_KEY_SECRET),
    log: jsonLog,
  };
});
