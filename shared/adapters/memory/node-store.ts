import { type Clock, systemClock } from '../../clock.ts';
import { ClaimTaken } from '../../errors.ts';
import { claimChanges, claimsOf, macSet } from '../../node/claims.ts';
import type { NewEvent, Node, NodeEvent, Port } from '../../node/node.ts';
import type { Beside, NodeStore, TakeOver } from '../../node/node-store.ts';
import { type From, rowsOf } from '../../resource/listing.ts';
import { applyBeside, checkBeside } from './beside.ts';
import { claimName, inCreationOrder, lostRace, type MemoryTables, portClaims } from './tables.ts';
import { takeOver } from './take-over.ts';

export class MemoryNodeStore implements NodeStore {
  readonly #tables: MemoryTables;
  readonly #clock: Clock;
  constructor(tables: MemoryTables, clock: Clock = systemClock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  get(uuid: string): Promise<Node | undefined> {
    return this.#tables.faults.perform('nodes.get', () => this.#tables.nodes.get(uuid));
  }

  byName(name: string): Promise<Node | undefined> {
    return this.#tables.faults.perform('nodes.byName', () => this.#byClaim('name', name));
  }

  byInstance(instanceUuid: string): Promise<Node | undefined> {
    return this.#tables.faults.perform('nodes.byInstance', () => this.#byClaim('instance_uuid', instanceUuid));
  }

  #byClaim(kind: 'name' | 'instance_uuid', value: string): Node | undefined {
    const claim = this.#tables.claims.get(claimName({ kind, value }));
    return claim && this.#tables.nodes.get(claim.owner);
  }

  list(): Promise<Node[]> {
    return this.#tables.faults.perform('nodes.list', () => inCreationOrder(this.#tables.nodes.values()));
  }

  many(uuids: readonly string[]): Promise<Node[]> {
    return this.#tables.faults.perform('nodes.many', () => uuids.flatMap((uuid) => this.#tables.nodes.get(uuid) ?? []));
  }

  async *inOrder(from: From): AsyncGenerator<Node> {
    yield* rowsOf(await this.list()).inOrder(from);
  }

  events(nodeUuid: string): Promise<NodeEvent[]> {
    return this.#tables.faults.perform('nodes.events', () => this.#tables.events.get(nodeUuid) ?? []);
  }

  create(
    node: Node,
    ports: readonly Port[],
    events: readonly NewEvent[] = [],
    beside: readonly Beside[] = [],
  ): Promise<Node> {
    return this.#tables.faults.perform('nodes.create', () => {
      const tables = this.#tables;
      if (tables.nodes.has(node.uuid)) throw new ClaimTaken('uuid', node.uuid, node.uuid);
      const macs = macSet(ports.map((port) => port.address));
      if (macs.length < ports.length) throw new ClaimTaken('mac', macs[0] ?? '', node.uuid);
      // As many versions as DynamoDB needs: ports beyond the first transaction follow one by one.
      const version = node.version + Math.max(0, ports.length - 40);
      const stored = structuredClone({ ...node, macs, version });
      const claims = claimsOf(stored);
      for (const claim of claims) tables.checkFree(claim);
      this.#checkPorts(ports);
      checkBeside(tables, beside);
      for (const claim of claims) tables.take(claim, node.uuid);
      this.#addPorts(ports);
      tables.nodes.set(node.uuid, stored);
      tables.sessions.set(node.uuid, {
        node: node.uuid,
        generation: 0,
        beats: 0,
        lastBeatAt: 0,
        issuedAt: 0,
        intervalSeconds: 0,
      });
      const now = this.#clock.now();
      tables.record(node.uuid, events, now);
      applyBeside(tables, beside, now);
      return stored;
    });
  }

  replace(node: Node, events: readonly NewEvent[] = [], learn: readonly Port[] = []): Promise<Node> {
    return this.#tables.faults.perform('nodes.replace', () => {
      const tables = this.#tables;
      const old = tables.nodes.get(node.uuid);
      if (!old || old.version !== node.version) throw lostRace('node', node.uuid);
      const macs = macSet([...node.macs, ...learn.map((port) => port.address)]);
      const stored = structuredClone({ ...node, macs, version: node.version + 1 });
      const { released, taken } = claimChanges(claimsOf(old), claimsOf(stored));
      for (const claim of taken) tables.checkFree(claim);
      this.#checkPorts(learn);
      for (const claim of released) tables.release(claim, node.uuid);
      for (const claim of taken) tables.take(claim, node.uuid);
      this.#addPorts(learn);
      tables.nodes.set(node.uuid, stored);
      tables.record(node.uuid, events, this.#clock.now());
      return stored;
    });
  }

  takeOver(node: Node, change: TakeOver): Promise<Node> {
    const work = () => takeOver(this.#tables, node, change, this.#clock.now());
    return this.#tables.faults.perform('nodes.takeOver', work);
  }

  remove(node: Node): Promise<void> {
    return this.#tables.faults.perform('nodes.remove', () => {
      const tables = this.#tables;
      const old = tables.nodes.get(node.uuid);
      if (!old || old.version !== node.version) throw lostRace('node', node.uuid);
      for (const port of [...tables.ports.values()].filter((one) => one.node_uuid === node.uuid)) {
        tables.ports.delete(port.uuid);
        for (const [claim, owner] of portClaims(port)) tables.release(claim, owner);
      }
      for (const claim of claimsOf(old)) tables.release(claim, node.uuid);
      tables.nodes.delete(node.uuid);
      tables.sessions.delete(node.uuid);
      tables.boots.delete(node.uuid);
      tables.events.delete(node.uuid);
      tables.secrets.delete(node.uuid);
    });
  }

  #checkPorts(ports: readonly Port[]): void {
    for (const port of ports) {
      if (this.#tables.ports.has(port.uuid)) throw lostRace('port', port.uuid);
      for (const [claim] of portClaims(port)) this.#tables.checkFree(claim);
    }
  }

  #addPorts(ports: readonly Port[]): void {
    for (const port of ports) {
      this.#tables.ports.set(port.uuid, structuredClone(port));
      for (const [claim, owner] of portClaims(port)) this.#tables.take(claim, owner);
    }
  }
}
