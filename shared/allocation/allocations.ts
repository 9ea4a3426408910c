import { type Clock, timestamp } from '../clock.ts';
import { Conflict, VersionConflict } from '../errors.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { type Allocation, allocationNames } from './allocation.ts';
import { chooseNode, noNode } from './choose-node.ts';
import { claimed, guardBackfill, guardRelease, released } from './release.ts';

interface Needs {
  nodes: Pick<NodeStore, 'get' | 'list' | 'replace'>;
  resources: Pick<ResourceStore, 'get' | 'list' | 'create' | 'replace' | 'remove'>;
  clock: Clock;
}

/** Longer than any function may live. */
const STALE_SECONDS = 120;

/** Allocations and the nodes that they hold. The node's row is the truth about who has it. */
export class Allocations {
  readonly #nodes: Needs['nodes'];
  readonly #resources: Needs['resources'];
  readonly #clock: Clock;

  constructor({ nodes, resources, clock }: Needs) {
    this.#nodes = nodes;
    this.#resources = resources;
    this.#clock = clock;
  }

  /** Stores the wish, looks for a node, stores how it ended. Returns the wish as it was stored first (T13). */
  async allocate(wish: Allocation): Promise<Allocation> {
    const stored = await this.#create(wish);
    await this.#search(stored, await this.#nodes.list());
    return stored;
  }

  /** What died on its way is brought to its end: a node that it holds already is its node. Returns the settled ones. */
  async finishStale(nodes: readonly Node[]): Promise<string[]> {
    const before = timestamp(this.#clock.now() - STALE_SECONDS * 1000);
    const all = await this.#resources.list<Allocation>('allocation');
    const stale = all.filter(({ state, created_at }) => state === 'allocating' && created_at < before);
    for (const allocation of stale) {
      const holder = nodes.find((node) => node.allocation_uuid === allocation.uuid);
      const done = holder ? this.#won(allocation, holder) : this.#search(allocation, nodes);
      // Whoever was slow and not dead has settled it himself.
      await done.catch((error: unknown) => {
        if (!(error instanceof VersionConflict)) throw error;
      });
    }
    return stale.map(({ uuid }) => uuid);
  }

  async #search(allocation: Allocation, nodes: readonly Node[]): Promise<void> {
    const { candidates, reasons } = chooseNode(allocation, nodes);
    for (const candidate of candidates) {
      if (await this.#claim(candidate, allocation)) return this.#won(allocation, candidate);
      reasons.push(`node ${candidate.uuid} was taken meanwhile`);
    }
    await this.#settle(allocation, { state: 'error', last_error: noNode(allocation, reasons) });
  }

  async #won(allocation: Allocation, { uuid }: Node): Promise<void> {
    await this.#settle(allocation, { state: 'active', node_uuid: uuid, last_error: null });
  }

  /** For a node that runs an instance already: no search, and the outcome is the answer. */
  async backfill(wish: Allocation, node: Node): Promise<Allocation> {
    guardBackfill(node, wish);
    const stored = await this.#create(wish);
    try {
      await this.#nodes.replace(claimed(node, stored), [told(node, stored, 'was filled in')]);
    } catch (error) {
      await this.#resources.remove('allocation', stored, allocationNames(stored));
      throw error;
    }
    return this.#settle(stored, { state: 'active', node_uuid: node.uuid });
  }

  /** Frees the node first: an allocation without a node is harmless, a node of nobody's allocation is lost. */
  async remove(allocation: Allocation): Promise<void> {
    const node = await this.#nodeOf(allocation);
    if (node?.allocation_uuid === allocation.uuid) {
      guardRelease(node);
      await this.#nodes.replace(released(node), [told(node, allocation, 'was deleted')]);
    }
    await this.#resources.remove('allocation', allocation, allocationNames(allocation));
  }

  /** The node gave it up by itself: torn down, deleted, or its instance was removed. */
  async forget(uuid: string | null): Promise<void> {
    const allocation = uuid === null ? undefined : await this.#resources.get<Allocation>('allocation', uuid);
    if (allocation === undefined) return;
    await this.#resources.remove('allocation', allocation, allocationNames(allocation));
  }

  /** One that died on its way may hold a node that it does not know of. */
  async #nodeOf({ uuid, node_uuid, state }: Allocation): Promise<Node | undefined> {
    if (node_uuid !== null) return this.#nodes.get(node_uuid);
    if (state !== 'allocating') return undefined;
    return (await this.#nodes.list()).find((node) => node.allocation_uuid === uuid);
  }

  #create(wish: Allocation): Promise<Allocation> {
    return this.#resources.create('allocation', wish, allocationNames(wish));
  }

  /** False when somebody else was faster, by version or by claim. */
  async #claim(node: Node, allocation: Allocation): Promise<boolean> {
    try {
      await this.#nodes.replace(claimed(node, allocation), [told(node, allocation, 'took the node')]);
      return true;
    } catch (error) {
      if (error instanceof Conflict) return false;
      throw error;
    }
  }

  #settle(allocation: Allocation, outcome: Partial<Allocation>): Promise<Allocation> {
    const unique = allocationNames(allocation);
    const updated_at = timestamp(this.#clock.now());
    return this.#resources.replace(
      'allocation',
      { ...allocation, ...outcome, updated_at },
      { before: unique, after: unique },
    );
  }
}

function told(node: Node, { uuid, name }: Allocation, what: string): NewEvent {
  const event = `Allocation ${name ?? uuid} ${what}`;
  return {
    event_type: 'allocation',
    event,
    severity: 'INFO',
    user: null,
    detail: { allocation: uuid, node: node.uuid },
  };
}
