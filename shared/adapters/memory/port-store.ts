import { ClaimTaken } from '../../errors.ts';
import { macSet } from '../../node/claims.ts';
import type { Node, Port } from '../../node/node.ts';
import type { PortStore } from '../../node/node-store.ts';
import { type From, rowsOf } from '../../resource/listing.ts';
import { claimName, inCreationOrder, lostRace, type MemoryTables, portClaims } from './tables.ts';

export class MemoryPortStore implements PortStore {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  get(uuid: string): Promise<Port | undefined> {
    return this.#tables.faults.perform('ports.get', () => this.#tables.ports.get(uuid));
  }

  list(): Promise<Port[]> {
    return this.#tables.faults.perform('ports.list', () => inCreationOrder(this.#tables.ports.values()));
  }

  many(uuids: readonly string[]): Promise<Port[]> {
    return this.#tables.faults.perform('ports.many', () => uuids.flatMap((uuid) => this.#tables.ports.get(uuid) ?? []));
  }

  async *inOrder(from: From): AsyncGenerator<Port> {
    yield* rowsOf(await this.list()).inOrder(from);
  }

  async byAddress(address: string): Promise<Port | undefined> {
    return (await this.list()).find((port) => port.address === address);
  }

  async byName(name: string): Promise<Port | undefined> {
    return (await this.list()).find((port) => port.name === name);
  }

  async ofNode(node: string): Promise<Port[]> {
    return (await this.list()).filter((port) => port.node_uuid === node);
  }

  create(port: Port): Promise<Port> {
    return this.#tables.faults.perform('ports.create', () => {
      const node = this.#node(port.node_uuid);
      for (const [claim] of portClaims(port)) this.#tables.checkFree(claim);
      if (this.#tables.ports.has(port.uuid)) throw new ClaimTaken('uuid', port.uuid, undefined);
      for (const [claim, owner] of portClaims(port)) this.#tables.take(claim, owner);
      this.#tables.ports.set(port.uuid, structuredClone(port));
      this.#setMacs(node, [...node.macs, port.address]);
      return port;
    });
  }

  replace(port: Port): Promise<Port> {
    return this.#tables.faults.perform('ports.replace', () => {
      const old = this.#current(port);
      const stored = structuredClone({ ...port, version: port.version + 1 });
      const held = new Set(portClaims(old).map(([claim]) => claimName(claim)));
      for (const [claim] of portClaims(port)) if (!held.has(claimName(claim))) this.#tables.checkFree(claim);
      for (const [claim, owner] of portClaims(old)) this.#tables.release(claim, owner);
      for (const [claim, owner] of portClaims(port)) this.#tables.take(claim, owner);
      if (old.address !== port.address || old.node_uuid !== port.node_uuid) {
        const [from, to] = [this.#node(old.node_uuid), this.#node(port.node_uuid)];
        const kept = from.macs.filter((mac) => mac !== old.address);
        if (from !== to) this.#setMacs(from, kept);
        this.#setMacs(to, [...(from === to ? kept : to.macs), port.address]);
      }
      this.#tables.ports.set(port.uuid, stored);
      return stored;
    });
  }

  remove(port: Port): Promise<void> {
    return this.#tables.faults.perform('ports.remove', () => {
      const old = this.#current(port);
      const node = this.#node(old.node_uuid);
      this.#tables.ports.delete(old.uuid);
      for (const [claim, owner] of portClaims(old)) this.#tables.release(claim, owner);
      this.#setMacs(
        node,
        node.macs.filter((mac) => mac !== old.address),
      );
    });
  }

  #current(port: Port): Port {
    const old = this.#tables.ports.get(port.uuid);
    if (!old || old.version !== port.version) throw lostRace('port', port.uuid);
    return old;
  }

  #node(uuid: string): Node {
    const node = this.#tables.nodes.get(uuid);
    if (!node) throw lostRace('node', uuid);
    return node;
  }

  #setMacs(node: Node, macs: string[]): void {
    this.#tables.nodes.set(node.uuid, { ...node, macs: macSet(macs), version: node.version + 1 });
  }
}
