import { randomUUID } from 'node:crypto';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import { serve } from '../../functions/api.ts';
import type { RawResponse } from '../../functions/http.ts';
import { ROUTES } from '../../functions/routes.ts';
import { wireServices } from '../../functions/wire.ts';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryIdentityIndex } from '../../shared/adapters/memory/identity-index.ts';
import { MemoryNodeStore } from '../../shared/adapters/memory/node-store.ts';
import { MemoryPortStore } from '../../shared/adapters/memory/port-store.ts';
import { MemoryResourceStore } from '../../shared/adapters/memory/resource-store.ts';
import { MemorySecretStore } from '../../shared/adapters/memory/secret-store.ts';
import { MemorySessionStore } from '../../shared/adapters/memory/session-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { LogFields } from '../../shared/log.ts';
import { newNode, newPort } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { SimulatedWorkflow } from './simulated-workflow.ts';

const CREATED = '2026-01-01T00:00:00.000000+00:00';

interface Sent {
  body?: unknown;
  minor?: number | null;
  ip?: string;
}

export interface Told {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** The agent API over stores in memory, called as a gateway would call it; the clock moves when told. */
export class AgentSite {
  time = Date.parse('2026-01-01T00:00:00Z');
  readonly tables = new MemoryTables();
  readonly clock = { now: () => this.time };
  readonly workflow = new SimulatedWorkflow();
  readonly documents = new MemoryDocuments();
  readonly configuration = { ...structuredClone(DEFAULTS) };
  readonly logged: { message: string; fields: LogFields | undefined }[] = [];
  readonly nodes = new MemoryNodeStore(this.tables, this.clock);
  readonly sessions = new MemorySessionStore(this.tables);
  readonly ports = new MemoryPortStore(this.tables);
  readonly resources = new MemoryResourceStore(this.tables, this.clock);

  readonly #log = (message: string, fields?: LogFields) => void this.logged.push({ message, fields });
  #serve: ReturnType<typeof serve> | undefined;

  async call(method: string, target: string, given: Sent = {}): Promise<Told> {
    const answer = await this.text(method, target, given);
    return { ...answer, body: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }

  /** The answer as it is on the wire. */
  async text(method: string, target: string, given: Sent = {}): Promise<RawResponse> {
    this.#serve ??= this.#start();
    const [path = '', rawQuery = ''] = target.split('?');
    const minor = given.minor === undefined ? 68 : given.minor;
    return this.#serve({
      method,
      path,
      rawQuery,
      headers: minor === null ? {} : { 'X-OpenStack-Ironic-API-Version': `1.${minor}` },
      body: given.body === undefined || typeof given.body === 'string' ? given.body : JSON.stringify(given.body),
      publicUrl: 'https://agents.example.net/prod',
      sourceIp: given.ip ?? '10.0.0.5',
    });
  }

  async enrol(given: Partial<Node> & { macs?: string[] } = {}): Promise<Node> {
    const { macs = [], ...fields } = given;
    const uuid = given.uuid ?? randomUUID();
    const interfaces = defaultInterfaces('fake-hardware');
    const node = newNode({ uuid, driver: 'fake-hardware', created_at: CREATED, interfaces, ...fields });
    const ports = macs.map((address) => newPort({ uuid: randomUUID(), address, node_uuid: uuid, created_at: CREATED }));
    return this.nodes.create(node, ports);
  }

  #start() {
    const services = wireServices({
      nodes: this.nodes,
      ports: this.ports,
      resources: this.resources,
      identity: new MemoryIdentityIndex(this.tables),
      sessions: this.sessions,
      counters: new MemoryCounters(this.tables),
      secrets: new MemorySecretStore(this.tables),
      documents: this.documents,
      workflow: this.workflow,
      reach: new SimulatedAgent(),
      clock: this.clock,
      ids: { uuid: randomUUID },
      configuration: this.configuration,
      tokenKey: async () => new Uint8Array(32).fill(9),
      log: { info: this.#log, warn: this.#log, error: this.#log },
    });
    const routes = ROUTES.filter((route) => route.api === 'agent');
    return serve(routes, agentHandlers(services), { log: services.log });
  }
}
