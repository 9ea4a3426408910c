import { randomUUID } from 'node:crypto';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import type { ApiRequest, ApiResponse } from '../../functions/http.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { wireServices } from '../../functions/wire.ts';
import { localConfiguration } from '../../infra/local/configuration.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { openEngine } from '../contract/engines.ts';
import { CapacityMeter } from '../fakes/capacity-meter.ts';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedWorkflow } from '../fakes/simulated-workflow.ts';
import { UnreportedCharges } from './charges.ts';
import { RoundTrips } from './round-trips.ts';

export interface Used {
  status: number;
  body: unknown;
  calls: number;
  reads: number;
  writes: number;
  index: number;
  roundTrips: number;
  operations: string[];
  writesOf(operation: string): number;
}
export type BenchSite = Awaited<ReturnType<typeof openSite>>;

/** The handlers of both APIs over the embedded engine, with a meter on every call. */
export async function openSite() {
  const engine = await openEngine();
  const charges = new UnreportedCharges(engine.client);
  const meter = new CapacityMeter(engine.client);
  const trips = new RoundTrips(engine.client);
  let time = Date.parse('2026-01-01T00:00:00Z');
  const { limits, ...configuration } = localConfiguration();
  const services = wireServices({
    ...engine.stores,
    documents: new MemoryDocuments(),
    workflow: new SimulatedWorkflow(),
    reach: new SimulatedAgent(),
    clock: { now: () => time },
    ids: { uuid: randomUUID },
    configuration: { ...configuration, limits: { ...limits, enrolmentsPerMinute: 1000 } },
    tokenKey: async () => new Uint8Array(32).fill(7),
    log: silentLog,
  });
  const handlers = { ...agentHandlers(services), ...operatorHandlers(services) };

  async function ask(handler: string, request: Partial<ApiRequest>): Promise<Used> {
    for (const counter of [charges, meter, trips]) counter.reset();
    const response = await (handlers[handler] ?? missing(handler))({ ...BLANK, ...request });
    return used(response);
  }

  /** What the last request took, also when it was refused. */
  function used({ status, body }: Pick<ApiResponse, 'status' | 'body'>): Used {
    const total = meter.total();
    const calls = [...meter.calls];
    return {
      status,
      body,
      calls: total.calls,
      reads: total.reads + charges.reads,
      writes: total.writes + charges.writes,
      index: total.index,
      roundTrips: trips.longest,
      operations: calls.map((call) => call.operation),
      writesOf: (operation) =>
        calls.filter((call) => operation.startsWith(call.operation)).reduce((sum, call) => sum + call.writes, 0),
    };
  }

  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return {
    ask,
    used,
    pass,
    services,
    client: engine.client,
    endpoint: engine.endpoint,
    names: engine.names,
    close: engine.close,
  };
}

const BLANK: ApiRequest = {
  method: 'POST',
  path: '/',
  params: {},
  query: {},
  headers: {},
  body: undefined,
  publicUrl: 'http://127.0.0.1',
  sourceIp: '127.0.0.1',
  requestId: 'req-bench',
  minor: 68,
  versioned: true,
  user: null,
};

function missing(handler: string): () => Promise<ApiResponse> {
  throw new Error(`no handler ${handler}`);
}
