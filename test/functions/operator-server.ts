import { serve } from '../../functions/api.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import type { Services } from '../../functions/services.ts';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryIdentityIndex } from '../../shared/adapters/memory/identity-index.ts';
import { MemoryNodeStore } from '../../shared/adapters/memory/node-store.ts';
import { MemoryPortStore } from '../../shared/adapters/memory/port-store.ts';
import { MemoryResourceStore } from '../../shared/adapters/memory/resource-store.ts';
import { MemorySecretStore } from '../../shared/adapters/memory/secret-store.ts';
import { MemorySessionStore } from '../../shared/adapters/memory/session-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { httpBmc } from '../../shared/adapters/reach/http-bmc.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { RedfishBmcs } from '../../shared/drivers/redfish/redfish-bmcs.ts';
import type { LogFields } from '../../shared/log.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import type { Reach } from '../../shared/run/exchange-port.ts';
import { Runs } from '../../shared/run/runs.ts';
import type { Workflow } from '../../shared/run/workflow-port.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what a client would read
  json: any;
  body: string;
}

/** The operator API in this process, over memory, with a clock of its own and executions that are only noted down. */
export function operatorServer(options: Partial<Parameters<typeof serve>[2]> = {}) {
  const tables = new MemoryTables();
  let ms = Date.parse('2026-01-01T00:00:00Z');
  const clock = { now: () => (ms += 1000) };
  const lines: LogFields[] = [];
  const line = (_message: string, fields?: LogFields) => void lines.push(fields ?? {});
  const log = { info: line, warn: line, error: line };
  const started: string[] = [];
  const workflow: Workflow = {
    start: async ({ run }) => void started.push(run),
    succeed: async () => 'gone',
    status: async () => 'unknown',
  };
  const nodes = new MemoryNodeStore(tables, clock);
  const secrets = new MemorySecretStore(tables);
  const counters = new MemoryCounters(tables);
  const reach: Reach = {
    agent: async () => ({ kind: 'unreachable', message: 'no agent in this test' }),
    bmc: httpBmc({ loopback: true }),
  };
  const services: Services = {
    nodes,
    ports: new MemoryPortStore(tables),
    resources: new MemoryResourceStore(tables),
    identity: new MemoryIdentityIndex(tables),
    sessions: new MemorySessionStore(tables),
    counters,
    secrets,
    documents: new MemoryDocuments(),
    workflow,
    reach,
    bmcs: new RedfishBmcs({ reach, secrets, clock }),
    runs: new Runs({ nodes, counters, workflow, clock, configuration: DEFAULTS }),
    clock,
    ids: { uuid: newUuid },
    configuration: DEFAULTS,
    tokenKey: async () => new Uint8Array(32),
    log,
  };
  const routes = ROUTES.filter(({ api }) => api === 'operator');
  const api = serve(routes, operatorHandlers(services), { log, ...options });

  const call = async (
    method: string,
    target: string,
    body?: unknown,
    given: Record<string, string> | string = '1.115',
  ) => {
    const [path = '/', rawQuery = ''] = target.split('?');
    const headers = typeof given === 'string' ? { 'X-OpenStack-Ironic-API-Version': given } : given;
    const response = await api({
      method,
      path,
      rawQuery,
      headers,
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      publicUrl: 'http://public/stage',
      sourceIp: '127.0.0.1',
    });
    const answer: Answer = { ...response, json: response.body === '' ? undefined : JSON.parse(response.body) };
    return answer;
  };
  return { call, services, tables, started, lines };
}

/** Text of an error, unwrapped twice as clients do. */
export function faultOf({ json }: Answer): string {
  const inner = JSON.parse(json.error_message);
  return inner.faultstring ?? inner.description;
}
