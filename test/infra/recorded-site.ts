import { randomBytes, randomUUID } from 'node:crypto';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import { serve } from '../../functions/api.ts';
import { AGENT_FUNCTIONS, type AgentFunction } from '../../functions/lambda/agent-routes.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { Services } from '../../functions/services.ts';
import { wireServices } from '../../functions/wire.ts';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { localConfiguration } from '../../infra/local/configuration.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { startEngine } from '../../infra/local/dynamodb-engine.ts';
import { listen } from '../../infra/local/server.ts';
import { LocalWorkflow } from '../../infra/local/workflow-runner.ts';
import type { FunctionName } from '../../infra/permissions.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { createTables } from '../../shared/adapters/dynamodb/create-tables.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { httpReach } from '../../shared/adapters/reach/http-reach.ts';
import { systemClock } from '../../shared/clock.ts';
import { dynamoStores } from '../contract/engines.ts';
import { actionsOf, type Called, type Wire } from './recorded-calls.ts';

const NAMES = { nodes: 'nodes', agents: 'agents', secrets: 'secrets' };

/** All functions on one engine, each with a client of its own that writes down what the function does. */
export async function recordedSite() {
  const engine = await startEngine();
  const made = makeClient(engine.endpoint);
  await createTables(made, NAMES);
  const workflow = new LocalWorkflow({ timeScale: 1 / 20 });
  const documents = new MemoryDocuments();
  const key = randomBytes(32);
  const called: Called[] = [];
  const clients = [made];

  function servicesOf(by: FunctionName): Services {
    const noted = <T>(on: Called['on'], action: string, work: () => T): T => {
      called.push({ by, on, action });
      return work();
    };
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
      ...dynamoStores(client, NAMES),
      documents: {
        put: (...given) => noted('documents', 's3:PutObject', () => documents.put(...given)),
        get: (...given) => noted('documents', 's3:GetObject', () => documents.get(...given)),
      },
      workflow: {
        start: (given) => noted('run', 'states:StartExecution', () => workflow.start(given)),
        succeed: (...given) => noted('run', 'states:SendTaskSuccess', () => workflow.succeed(...given)),
        status: (...given) => noted('run-executions', 'states:DescribeExecution', () => workflow.status(...given)),
      },
      reach: {
        agent: (exchange) => noted('reach', 'lambda:InvokeFunction', () => httpReach.agent(exchange)),
        bmc: (exchange) => noted('reach', 'lambda:InvokeFunction', () => httpReach.bmc(exchange)),
      },
      clock: systemClock,
      ids: { uuid: randomUUID },
      configuration: localConfiguration({ enrollment: { unknown: 'enroll', driver: 'manual', state: 'available' } }),
      tokenKey: async () => noted('token-key', 'secretsmanager:GetSecretValue', () => key),
      log: silentLog,
    });
  }

  workflow.bind({
    advance: advanceHandler(servicesOf('workflow-advance')),
    expire: expireHandler(servicesOf('workflow-expire')),
  });
  const agent = Object.fromEntries(
    (Object.keys(AGENT_FUNCTIONS) as AgentFunction[]).flatMap((name) =>
      Object.entries(agentHandlers(servicesOf(name))).filter(([id]) =>
        (AGENT_FUNCTIONS[name] as readonly string[]).includes(id.split('#')[0] ?? ''),
      ),
    ),
  );
  const routes = (api: 'agent' | 'operator') => ROUTES.filter((route) => route.api === api);
  const at = { host: '127.0.0.1', port: 0, log: silentLog };
  const agentApi = await listen({ ...at, serve: serve(routes('agent'), agent, { log: silentLog }) });
  const handlers = operatorHandlers(servicesOf('operator'));
  const operatorApi = await listen({ ...at, serve: serve(routes('operator'), handlers, { log: silentLog }) });
  return {
    called,
    agentUrl: agentApi.url,
    operatorUrl: operatorApi.url,
    sweep: sweepHandler(servicesOf('sweep')),
    async close() {
      await Promise.all([agentApi.close(), operatorApi.close()]);
      await workflow.stop();
      for (const client of clients) client.destroy();
      await engine.close();
    },
  };
}
