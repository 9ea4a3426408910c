import { randomUUID } from 'node:crypto';
import { serve } from '../../functions/api.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { Services } from '../../functions/services.ts';
import { wireServices } from '../../functions/wire.ts';
import { advanceHandler } from '../../functions/workflow/advance.ts';
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
import type { Node } from '../../shared/node/node.ts';
import type { BmcExchange, BmcReply } from '../../shared/run/exchange-port.ts';
import { BMC_PASSWORD, RedfishBmc } from '../fakes/redfish-bmc.ts';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedWorkflow } from '../fakes/simulated-workflow.ts';

/** Seconds. The faults of a fake are at once, but for `silent`, whose tests shorten it; a busy machine may stall for long. */
const PATIENCE = { each: 20, all: 120 };

/** The operator API and the runs in this process, over memory, and one BMC on a real socket. */
export class RedfishSite {
  time = Date.parse('2026-01-01T00:00:00Z');
  /** Seconds that the last runs paused. */
  readonly pauses: number[] = [];
  readonly logged: unknown[] = [];
  /** Of runs and operators alike; a test of a BMC that never answers may make it shorter. */
  readonly patience = { ...PATIENCE };
  readonly agent = new SimulatedAgent();
  readonly workflow = new SimulatedWorkflow();
  readonly tables = new MemoryTables();
  readonly documents = new MemoryDocuments();
  readonly nodes: MemoryNodeStore;
  readonly services: Services;
  /** How exchanges get to the BMC: a test may put a relay here. */
  carry: (exchange: BmcExchange) => Promise<BmcReply> = httpBmc({ loopback: true });
  readonly bmc: RedfishBmc;
  readonly #serve: ReturnType<typeof serve>;

  constructor(bmc: RedfishBmc) {
    this.bmc = bmc;
    const clock = { now: () => this.time };
    const note = (message: string, fields?: LogFields) => void this.logged.push({ message, fields });
    const log = { info: note, warn: note, error: note };
    const reach = {
      agent: (exchange: Parameters<SimulatedAgent['agent']>[0]) => this.agent.agent(exchange),
      bmc: (exchange: BmcExchange) => this.carry(exchange),
    };
    // Each sweep asks every BMC.
    const configuration = { ...structuredClone(DEFAULTS), powerSyncSeconds: 60 };
    this.nodes = new MemoryNodeStore(this.tables, clock);
    const secrets = new MemorySecretStore(this.tables);
    this.services = {
      ...wireServices({
        nodes: this.nodes,
        ports: new MemoryPortStore(this.tables),
        resources: new MemoryResourceStore(this.tables),
        identity: new MemoryIdentityIndex(this.tables),
        sessions: new MemorySessionStore(this.tables),
        counters: new MemoryCounters(this.tables),
        secrets,
        documents: this.documents,
        workflow: this.workflow,
        reach,
        clock,
        ids: { uuid: randomUUID },
        configuration,
        tokenKey: async () => new Uint8Array(32).fill(3),
        log,
      }),
      bmcs: new RedfishBmcs({
        reach,
        secrets,
        clock,
        patience: { run: this.patience, operator: this.patience },
      }),
    };
    this.workflow.onPause = (seconds) => {
      this.pauses.push(seconds);
      this.time += seconds * 1000;
    };
    const routes = ROUTES.filter(({ api }) => api === 'operator');
    this.#serve = serve(routes, operatorHandlers(this.services), { log });
  }

  // biome-ignore lint/suspicious/noExplicitAny: tests read what a client would read
  async call(method: string, target: string, body?: unknown, minor = 115): Promise<{ status: number; json: any }> {
    const [path = '/', rawQuery = ''] = target.split('?');
    const answer = await this.#serve({
      method,
      path,
      rawQuery,
      headers: { 'X-OpenStack-Ironic-API-Version': `1.${minor}` },
      body: body === undefined ? undefined : JSON.stringify(body),
      publicUrl: 'http://operators',
      sourceIp: '127.0.0.1',
    });
    return { status: answer.status, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }

  /** Text of a refusal, unwrapped as clients do. */
  // biome-ignore lint/suspicious/noExplicitAny: an error's shape
  static fault({ json }: { json: any }): string {
    const inner = typeof json.error_message === 'string' ? JSON.parse(json.error_message) : json.error_message;
    return inner.faultstring ?? inner.description;
  }

  /** A node of this BMC, in `enroll`; `verified` takes it on to `manageable`. */
  async enrol(driverInfo: Record<string, unknown> = {}, given: Record<string, unknown> = {}): Promise<Node> {
    const { status, json } = await this.call('POST', '/v1/nodes', {
      name: 'bm1',
      driver: 'redfish',
      driver_info: {
        redfish_address: this.bmc.url,
        redfish_username: 'admin',
        redfish_password: BMC_PASSWORD,
        ...driverInfo,
      },
      ...given,
    });
    if (status !== 201) throw new Error(`enrol: ${status} ${JSON.stringify(json)}`);
    return this.node();
  }

  async verified(...given: Parameters<RedfishSite['enrol']>): Promise<Node> {
    await this.enrol(...given);
    await this.provision('manage');
    this.bmc.asked.length = 0;
    this.pauses.length = 0;
    return this.node();
  }

  async provision(target: string, more: Record<string, unknown> = {}): Promise<Node> {
    const { status, json } = await this.call('PUT', '/v1/nodes/bm1/states/provision', { target, ...more });
    if (status !== 202) throw new Error(`${target}: ${status} ${JSON.stringify(json)}`);
    return this.pump();
  }

  async power(target: string, timeout?: number): Promise<Node> {
    const { status, json } = await this.call('PUT', '/v1/nodes/bm1/states/power', {
      target,
      ...(timeout && { timeout }),
    });
    if (status !== 202) throw new Error(`${target}: ${status} ${JSON.stringify(json)}`);
    return this.pump();
  }

  async pump(): Promise<Node> {
    await this.workflow.pump(advanceHandler(this.services));
    return this.node();
  }

  sweep() {
    return sweepHandler(this.services)();
  }

  async node(): Promise<Node> {
    const [node] = await this.nodes.list();
    if (!node) throw new Error('no node');
    return node;
  }

  async history(): Promise<string[]> {
    return (await this.nodes.events((await this.node()).uuid)).map(({ event }) => event);
  }

  /** Everything that is kept, logged or told, except the secrets table. */
  async everythingWritten(): Promise<string> {
    const node = await this.node();
    return JSON.stringify([node, await this.nodes.events(node.uuid), this.logged, this.workflow.executions]);
  }
}

/** One BMC and its site for a test, closed afterwards. */
export async function redfishSite(
  after: (close: () => Promise<void>) => void,
  bmc = new RedfishBmc(),
): Promise<RedfishSite> {
  await bmc.start();
  after(() => bmc.close());
  return new RedfishSite(bmc);
}
