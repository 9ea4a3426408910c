import { randomBytes, randomUUID } from 'node:crypto';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { Context } from 'aws-lambda';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import { serve } from '../../functions/api.ts';
import { vendorWork } from '../../functions/background.ts';
import { AGENT_FUNCTIONS, type AgentFunction } from '../../functions/lambda/agent-routes.ts';
import { handler as reachFunction } from '../../functions/lambda/reach.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { Handler, Services } from '../../functions/services.ts';
import { publishHandler } from '../../functions/stream/publish.ts';
import { wireServices } from '../../functions/wire.ts';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { localConfiguration } from '../../infra/local/configuration.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { CountedMetrics } from '../../infra/local/counted-metrics.ts';
import { startEngine } from '../../infra/local/dynamodb-engine.ts';
import { followEvents } from '../../infra/local/event-stream.ts';
import { listen } from '../../infra/local/server.ts';
import { LocalWorkflow } from '../../infra/local/workflow-runner.ts';
import type { FunctionName } from '../../infra/permissions.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { createTables } from '../../shared/adapters/dynamodb/create-tables.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { functionBackground } from '../../shared/adapters/vendor/function-background.ts';
import { systemClock } from '../../shared/clock.ts';
import { dynamoStores } from '../contract/engines.ts';
import { actionsOf, type Called, type Wire } from './recorded-calls.ts';
import { NAMES, toldTables } from './told-environment.ts';

const CONFIGURATION = localConfiguration({
  enrollment: { unknown: 'enroll', driver: 'manual', state: 'available' },
  agentLogs: 'always',
  deadlines: { inspect: 1 },
  hooks: {
    array: { function: 'array', methods: { request_volume: { description: '', audience: 'agent', async: true } } },
  },
});

/**
 * All functions on one engine, each with clients of its own that write down what the function does, and with the names that
 * its environment has.
 */
export async function recordedSite() {
  const engine = await startEngine();
  const made = makeClient(engine.endpoint);
  await createTables(made, NAMES);
  const workflow = new LocalWorkflow({ timeScale: 1 / 20 });
  const documents = new MemoryDocuments();
  const key = randomBytes(32);
  const called: Called[] = [];
  const ran = new Set<FunctionName>();
  const clients = [made];
  const runs =
    <A extends unknown[], R>(by: FunctionName, work: (...given: A) => R) =>
    (...given: A): R => {
      ran.add(by);
      return work(...given);
    };

  function servicesOf(by: FunctionName): Services {
    const noted = <T>(on: Called['on'], action: string, work: () => T, key?: string): T => {
      called.push({ by, on, action, ...(key !== undefined && { key }) });
      return work();
    };
    /** Functions that are called by functions. */
    const send = async ({ input }: { input: { FunctionName: string; Payload: Uint8Array } }) => {
      const name = input.FunctionName as 'reach' | 'vendor-work';
      const given = JSON.parse(new TextDecoder().decode(input.Payload));
      const answer = noted(name, 'lambda:InvokeFunction', () => functions[name](given));
      return name === 'reach' ? { Payload: new TextEncoder().encode(JSON.stringify(await answer)) } : {};
    };
    const lambda = { send } as unknown as LambdaClient;
    const client = makeClient(engine.endpoint);
    clients.push(client);
    client.middlewareStack.add(
      (next) => (args) => {
        for (const { on, action } of actionsOf(args.request as Wire)) called.push({ by, on, action });
        return next(args);
      },
      { step: 'finalizeRequest', name: 'recorder' },
    );
    return wireServices({
      ...dynamoStores(client, toldTables(by)),
      documents: {
        put: (key, ...given) => noted('documents', 's3:PutObject', () => documents.put(key, ...given), key),
        get: (key) => {
          // To hear of one that is missing.
          noted('documents', 's3:ListBucket', () => undefined, key);
          return noted('documents', 's3:GetObject', () => documents.get(key), key);
        },
      },
      workflow: {
        start: (given) => noted('run', 'states:StartExecution', () => workflow.start(given)),
        succeed: (...given) => noted('run', 'states:SendTaskSuccess', () => workflow.succeed(...given)),
        status: (...given) => noted('run-executions', 'states:DescribeExecution', () => workflow.status(...given)),
      },
      reach: lambdaReach(lambda, 'reach'),
      background: functionBackground(lambda, 'vendor-work'),
      hooks: { call: async () => ({ kind: 'answered', body: { result: null } }) },
      clock: systemClock,
      ids: { uuid: randomUUID },
      configuration: CONFIGURATION,
      tokenKey: async () => noted('token-key', 'secretsmanager:GetSecretValue', () => key),
      log: silentLog,
    });
  }

  const functions = {
    reach: runs('reach', (payload: Parameters<typeof reachFunction>[0]) => reachFunction(payload, {} as Context)),
    'vendor-work': runs('vendor-work', vendorWork(servicesOf('vendor-work'))),
  };
  workflow.bind({
    advance: runs('workflow-advance', advanceHandler(servicesOf('workflow-advance'))),
    expire: runs('workflow-expire', expireHandler(servicesOf('workflow-expire'))),
  });
  const publish = async (events: readonly unknown[]) => {
    called.push({ by: 'stream-publish', on: 'event-bus', action: 'events:PutEvents' });
    return events.slice(0, 0) as string[];
  };
  const published = publishHandler({ bus: { publish }, log: silentLog, metrics: new CountedMetrics() });
  const stream = { endpoint: engine.endpoint, table: NAMES.nodes, log: silentLog };
  const followed = await followEvents({ ...stream, publish: runs('stream-publish', published) });
  const agent = Object.fromEntries(
    (Object.keys(AGENT_FUNCTIONS) as AgentFunction[]).flatMap((name) =>
      Object.entries(agentHandlers(servicesOf(name)))
        .filter(([id]) => (AGENT_FUNCTIONS[name] as readonly string[]).includes(id.split('#')[0] ?? ''))
        .map(([id, handler]): [string, Handler] => [id, runs(name, handler)]),
    ),
  );
  const routes = (api: 'agent' | 'operator') => ROUTES.filter((route) => route.api === api);
  const at = { host: '127.0.0.1', port: 0, log: silentLog };
  const agentApi = await listen({ ...at, serve: serve(routes('agent'), agent, { log: silentLog }) });
  const handlers = Object.fromEntries(
    Object.entries(operatorHandlers(servicesOf('operator'))).map(([id, handler]) => [id, runs('operator', handler)]),
  );
  const operatorApi = await listen({ ...at, serve: serve(routes('operator'), handlers, { log: silentLog }) });
  return {
    called,
    /** Which functions were called at all. */
    ran,
    agentUrl: agentApi.url,
    operatorUrl: operatorApi.url,
    sweep: runs('sweep', sweepHandler(servicesOf('sweep'))),
    async close() {
      await Promise.all([agentApi.close(), operatorApi.close()]);
      await workflow.stop();
      await followed.close();
      for (const client of clients) client.destroy();
      await engine.close();
    },
  };
}
