import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoSecretStore } from '../../shared/adapters/dynamodb/secret-store.ts';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { systemClock } from '../../shared/clock.ts';
import { RedfishBmcs } from '../../shared/drivers/redfish/redfish-bmcs.ts';
import { remoteDrivers } from '../../shared/drivers/remote-drivers.ts';
import type { VendorTask } from '../../shared/vendor/background.ts';
import { vendorWork } from '../background.ts';
import { readConfiguration, readVendorWorkEnvironment } from '../env.ts';
import { closed } from './closing-line.ts';
import { lambdaHooks } from './lambda-hooks.ts';
import { once } from './once.ts';
import { tablesOf } from './tables-of.ts';

const work = once(() => {
  const env = readVendorWorkEnvironment();
  const client = makeClient();
  const tables = tablesOf(env);
  const configuration = readConfiguration();
  const hooks = lambdaHooks(configuration);
  const lambda = new LambdaClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 90_000 },
  });
  const reach = lambdaReach(lambda, env.REACH_FUNCTION);
  const secrets = new DynamoSecretStore(client, tables);
  const carryOut = vendorWork({
    nodes: new DynamoNodeStore(client, tables),
    documents: new S3Documents(new S3Client({ maxAttempts: 2 }), env.DOCUMENTS_BUCKET),
    bmcs: remoteDrivers(new RedfishBmcs({ reach, secrets, clock: systemClock }), hooks),
    hooks,
    clock: systemClock,
    configuration,
  });
  return closed('vendor call', carryOut, ({ call, subject }, outcome) => ({
    call,
    ...('node' in subject && { node: subject.node }),
    decision: outcome?.state ?? 'ended already',
  }));
});

/** One async vendor call, after its 202 has left. */
export const handler = middy<VendorTask, void>().handler(async (task) => {
  await work()(task);
});
