import type { Services } from '../../functions/services.ts';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryIdentityIndex } from '../../shared/adapters/memory/identity-index.ts';
import { MemoryNodeStore } from '../../shared/adapters/memory/node-store.ts';
import { MemoryPortStore } from '../../shared/adapters/memory/port-store.ts';
import { MemoryResourceStore } from '../../shared/adapters/memory/resource-store.ts';
import { MemorySecretStore } from '../../shared/adapters/memory/secret-store.ts';
import { MemorySessionStore } from '../../shared/adapters/memory/session-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { deriveToken, tokenHash } from '../../shared/agent/agent-token.ts';
import { heartbeat } from '../../shared/agent/heartbeat.ts';
import type { SessionStore } from '../../shared/agent/session-store.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { RedfishBmcs } from '../../shared/drivers/redfish/redfish-bmcs.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Counters } from '../../shared/enrollment/counters.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';
import type { NodeStore, SecretStore } from '../../shared/node/node-store.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { Runs } from '../../shared/run/runs.ts';
import { SimulatedAgent } from './simulated-agent.ts';
import { SimulatedWorkflow } from './simulated-workflow.ts';

export const UUID = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';
export const KEY = new Uint8Array(32).fill(7);
const CALLBACK = 'https://10.0.0.5:9999';

/** What happens just before a call of a port, by its count: a crash, a beat. */
export type Interruption = (call: { count: number; name: string }) => Promise<void> | void;

/** One machine, its agent, stores in memory, and a clock that only moves when told. */
export class DeploymentSite {
  time = Date.parse('2026-01-01T00:00:00Z');
  readonly clock = { now: () => this.time };
  readonly agent = new SimulatedAgent();
  readonly workflow = new SimulatedWorkflow();
  readonly tables = new MemoryTables();
  readonly nodes: NodeStore;
  readonly sessions: SessionStore;
  readonly secrets: SecretStore;
  readonly documents = new MemoryDocuments();
  readonly counters: Counters;
  readonly configuration = structuredClone(DEFAULTS);
  set onPause(act: (seconds: number) => void) {
    this.workflow.onPause = act;
  }
  /** Calls that Advance made of its ports so far. */
  calls = 0;
  before: Interruption = () => undefined;
  after: Interruption = () => undefined;

  /** `stores`: where it is not memory. */
  constructor(stores?: Pick<Services, 'nodes' | 'sessions' | 'secrets' | 'counters'>) {
    this.nodes = stores?.nodes ?? new MemoryNodeStore(this.tables, this.clock);
    this.sessions = stores?.sessions ?? new MemorySessionStore(this.tables);
    this.secrets = stores?.secrets ?? new MemorySecretStore(this.tables);
    this.counters = stores?.counters ?? new MemoryCounters(this.tables);
  }

  async enrol(driver: 'fake-hardware' | 'manual', given: Partial<Node> = {}): Promise<void> {
    await this.nodes.create(
      newNode({
        uuid: UUID,
        driver,
        created_at: '2026-01-01T00:00:00.000000+00:00',
        interfaces: { ...defaultInterfaces(driver), deploy_interface: 'direct' },
        provision_state: 'available',
        power_state: 'power on',
        instance_info: { image_source: 'http://10.0.0.1/disk.raw', image_checksum: 'a'.repeat(64) },
        ...given,
      }),
      [],
    );
  }

  /** What lookup does for a fresh boot. */
  async boot(): Promise<void> {
    this.agent.restart();
    const session = await this.sessions.get(UUID);
    if (!session) throw new Error('no session');
    const generation = session.generation + 1;
    const hash = tokenHash(deriveToken(KEY, UUID, generation));
    const before = await this.sessions.issue(UUID, session.generation, {
      tokenHash: hash,
      intervalSeconds: 300,
      at: this.time,
    });
    if (before?.taskToken) await this.workflow.succeed(before.taskToken, { next: 'Advance', because: 'beat' });
  }

  async beat(): Promise<'continued' | 'ready'> {
    const session = await this.sessions.get(UUID);
    const token = deriveToken(KEY, UUID, session?.generation ?? 0);
    return heartbeat(
      { node: UUID, callbackUrl: CALLBACK, token, certificate: 'PEM' },
      { sessions: this.sessions, workflow: this.workflow, clock: this.clock, agentNetworks: ['10.0.0.0/8'] },
    );
  }

  async start(verb = 'active', flow: FlowName = 'deploy', args: RunArguments = {}): Promise<void> {
    const node = await this.node();
    const runs = new Runs({ ...this, nodes: this.nodes });
    const moving = transition(node, verb, { at: '2026-01-01T00:00:01.000000+00:00' });
    await runs.begin(moving, flow, args, []);
  }

  /** What the operator API does with `unhold`. */
  async unhold(): Promise<void> {
    const moving = transition(await this.node(), 'unhold', { at: '2026-01-01T00:00:03.000000+00:00' });
    await new Runs({ ...this, nodes: this.nodes }).resume(moving, []);
  }

  /** A machine that is in its ramdisk, beating. */
  static async present(
    driver: 'fake-hardware' | 'manual' = 'fake-hardware',
    given: Partial<Node> = {},
  ): Promise<DeploymentSite> {
    const site = new DeploymentSite();
    await site.enrol(driver, given);
    await site.boot();
    await site.beat();
    return site;
  }

  /** The agent's last boot is dead: the next beat is of a fresh one, as after a reboot. */
  async beatOrBoot(): Promise<void> {
    if ((await this.sessions.get(UUID))?.tokenHash === undefined) await this.boot();
    await this.beat();
  }

  async events(): Promise<string[]> {
    return (await this.nodes.events(UUID)).map((event) => event.event);
  }

  async node(): Promise<Node> {
    const node = await this.nodes.get(UUID);
    if (!node) throw new Error('no node');
    return node;
  }

  pump(): Promise<void> {
    return this.workflow.pump(advanceHandler(this.services()));
  }

  async expire(): Promise<void> {
    const run = (await this.node()).run;
    if (!run) throw new Error('no run');
    await expireHandler(this.services())({ node: UUID, run: run.id, attempt: run.attempt, why: 'States.Timeout' });
  }

  /** Beats and pumps until the run has ended. */
  async untilEnded(onBeat: () => Promise<unknown> = () => this.beat()): Promise<Node> {
    for (let beats = 0; beats < 60; beats += 1) {
      await this.pump();
      const node = await this.node();
      if (node.run?.ended) return node;
      this.agent.finish();
      this.time += 10_000;
      await onBeat();
    }
    throw new Error('the run does not end');
  }

  /** What the operator API works with here. */
  operatorServices(): Services {
    return {
      ...this.services(),
      nodes: this.nodes,
      sessions: this.sessions,
      workflow: this.workflow,
      resources: new MemoryResourceStore(this.tables),
      identity: new MemoryIdentityIndex(this.tables),
      runs: new Runs({ ...this, nodes: this.nodes }),
      ids: { uuid: () => UUID },
    };
  }

  services() {
    const watch = <T extends object>(port: string, target: T): T =>
      new Proxy(target, {
        get: (object, name) => {
          const value = Reflect.get(object, name);
          if (typeof value !== 'function') return value;
          return async (...given: unknown[]) => {
            this.calls += 1;
            const call = { count: this.calls, name: `${port}.${String(name)}` };
            await this.before(call);
            const result = await value.apply(object, given);
            await this.after(call);
            return result;
          };
        },
      });
    return {
      nodes: watch('nodes', this.nodes),
      sessions: watch('sessions', this.sessions),
      workflow: watch('workflow', this.workflow),
      reach: watch('reach', this.agent),
      bmcs: new RedfishBmcs({ reach: this.agent, secrets: this.secrets, clock: this.clock }),
      counters: watch('counters', this.counters),
      secrets: this.secrets,
      ports: new MemoryPortStore(this.tables),
      resources: new MemoryResourceStore(this.tables),
      documents: watch('documents', this.documents),
      clock: this.clock,
      configuration: this.configuration,
      tokenKey: async () => KEY,
      log: silentLog,
    };
  }
}
