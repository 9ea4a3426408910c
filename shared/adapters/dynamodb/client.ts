import { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** With an endpoint: an emulator, which takes any credentials. Without: the account that the environment names. */
export function makeClient(endpoint?: string): DynamoDBClient {
  const client = new DynamoDBClient({
    // Bounded: a caller that waits (an agent, API Gateway) repeats better than we do. An emulator shares a machine that may
    // stall for longer than a second.
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: endpoint ? 20_000 : 1000,
      requestTimeout: endpoint ? 30_000 : 4000,
      throwOnRequestTimeout: true,
    },
    ...(endpoint && {
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });
  // It walks through every answer for a log that nobody asked for.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}
