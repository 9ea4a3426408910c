import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { DynamoIdentityIndex } from '../../shared/adapters/dynamodb/identity-index.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoPortStore } from '../../shared/adapters/dynamodb/port-store.ts';
import { DynamoResourceStore } from '../../shared/adapters/dynamodb/resource-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { tokenKeyFrom } from '../../shared/adapters/secrets/token-key.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { systemClock } from '../../shared/clock.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import type { LookupServices } from '../agent/lookup.ts';
import { readConfiguration, type readLookupEnvironment } from '../env.ts';
import { lambdaHooks } from './lambda-hooks.ts';
import { tablesOf } from './tables-of.ts';

/** What lookup and inspection work with. */
export function lookupServices(env: ReturnType<typeof readLookupEnvironment>): LookupServices {
  const client = makeClient();
  const tables = tablesOf(env);
  const configuration = readConfiguration();
  return {
    nodes: new DynamoNodeStore(client, tables),
    ports: new DynamoPortStore(client, tables),
    resources: new DynamoResourceStore(client, tables),
    identity: new DynamoIdentityIndex(client, tables),
    sessions: new DynamoSessionStore(client, tables),
    counters: new DynamoCounters(client, tables),
    documents: new S3Documents(new S3Client({ maxAttempts: 2 }), env.DOCUMENTS_BUCKET),
    workflow: new StepFunctionsWorkflow(new SFNClient({ maxAttempts: 2 }), env.STATE_MACHINE_ARN),
    clock: systemClock,
    ids: { uuid: newUuid },
    configuration,
    hooks: lambdaHooks(configuration),
    tokenKey: tokenKeyFrom(new SecretsManagerClient({ maxAttempts: 2 }), env.TOKEN_KEY_SECRET),
  };
}
