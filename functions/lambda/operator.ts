import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { DynamoIdentityIndex } from '../../shared/adapters/dynamodb/identity-index.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoPortStore } from '../../shared/adapters/dynamodb/port-store.ts';
import { DynamoResourceStore } from '../../shared/adapters/dynamodb/resource-store.ts';
import { DynamoSecretStore } from '../../shared/adapters/dynamodb/secret-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { secretValue } from '../../shared/adapters/secrets/secret-value.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { functionBackground } from '../../shared/adapters/vendor/function-background.ts';
import { systemClock } from '../../shared/clock.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import { serve } from '../api.ts';
import { readConfiguration, readOperatorEnvironment } from '../env.ts';
import { braked } from '../middleware/login-brake.ts';
import { operatorHandlers } from '../operator/handlers.ts';
import { ROUTES } from '../routes.ts';
import { wireServices } from '../wire.ts';
import { apiFunction } from './api-function.ts';
import { emf } from './emf.ts';
import { iamAuthentication } from './iam-authentication.ts';
import { jsonLog } from './json-log.ts';
import { lambdaHooks } from './lambda-hooks.ts';
import { ownerAuthentication } from './owner-authentication.ts';
import { tablesOf } from './tables-of.ts';

/** No agent is spoken to and no token is made here: the function does not have the key. BMCs are, for who waits for it. */
const notHere = () => Promise.reject(new Error('the operator API talks to no agent'));

export const handler = apiFunction(() => {
  const env = readOperatorEnvironment();
  const client = makeClient();
  const tables = tablesOf(env);
  // One attempt: a repeated one would be a second exchange.
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 20_000 },
  });
  const configuration = readConfiguration();
  const services = wireServices({
    nodes: new DynamoNodeStore(client, tables),
    ports: new DynamoPortStore(client, tables),
    resources: new DynamoResourceStore(client, tables),
    identity: new DynamoIdentityIndex(client, tables),
    sessions: new DynamoSessionStore(client, tables),
    counters: new DynamoCounters(client, tables),
    secrets: new DynamoSecretStore(client, tables),
    documents: new S3Documents(new S3Client({ maxAttempts: 2 }), env.DOCUMENTS_BUCKET),
    workflow: new StepFunctionsWorkflow(new SFNClient({ maxAttempts: 2 }), env.STATE_MACHINE_ARN),
    reach: { agent: notHere, bmc: lambdaReach(lambda, env.REACH_FUNCTION).bmc },
    clock: systemClock,
    ids: { uuid: newUuid },
    configuration,
    tokenKey: notHere,
    log: jsonLog,
    hooks: lambdaHooks(configuration),
    background: functionBackground(new LambdaClient({ maxAttempts: 2 }), env.VENDOR_WORK_FUNCTION),
  });
  const secret = secretValue(new SecretsManagerClient({ maxAttempts: 2 }), env.OPERATOR_SECRET, 300_000, systemClock);
  const { OPERATOR_AUTH: way, OPERATOR_ROLES: roles } = env;
  const authenticate =
    way === 'iam' ? iamAuthentication(roles && JSON.parse(roles)) : braked(ownerAuthentication(secret), systemClock);
  const routes = ROUTES.filter(({ api }) => api === 'operator');
  return {
    serve: serve(routes, operatorHandlers(services), {
      authenticate,
      log: jsonLog,
      metrics: emf,
    }),
    publicUrl: env.NODELESS_PUBLIC_URL,
  };
});
