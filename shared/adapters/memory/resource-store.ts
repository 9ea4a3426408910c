import { type Clock, systemClock } from '../../clock.ts';
import { ClaimTaken } from '../../errors.ts';
import type { NewEvent } from '../../node/node.ts';
import { type From, rowsOf } from '../../resource/listing.ts';
import type { ResourceKind, ResourceStore, Stored, UniqueValue } from '../../resource/resource-store.ts';
import { claimName, inCreationOrder, lostRace, type MemoryTables } from './tables.ts';

type Uniques = { before: readonly UniqueValue[]; after: readonly UniqueValue[] };

export class MemoryResourceStore implements ResourceStore {
  readonly #tables: MemoryTables;
  readonly #clock: Clock;
  constructor(tables: MemoryTables, clock: Clock = systemClock) {
    this.#tables = tables;
    this.#clock = clock;
  }

  get<T extends Stored>(kind: ResourceKind, uuid: string): Promise<T | undefined> {
    return this.#tables.faults.perform('resources.get', () => this.#item(kind, uuid) as T | undefined);
  }

  byName<T extends Stored>(kind: ResourceKind, name: string): Promise<T | undefined> {
    return this.#tables.faults.perform('resources.byName', () => {
      const held = this.#tables.claims.get(claimName({ kind: `${kind}_name`, value: name }));
      return held && (this.#item(kind, held.owner) as T | undefined);
    });
  }

  list<T extends Stored>(kind: ResourceKind): Promise<T[]> {
    return this.#tables.faults.perform('resources.list', () => {
      const all = [...this.#tables.resources.values()].filter((one) => one.kind === kind);
      return inCreationOrder(all.map(({ item }) => item as T));
    });
  }

  many<T extends Stored>(kind: ResourceKind, uuids: readonly string[]): Promise<T[]> {
    return this.#tables.faults.perform('resources.many', () =>
      uuids.flatMap((uuid) => (this.#item(kind, uuid) as T | undefined) ?? []),
    );
  }

  async *inOrder<T extends Stored>(kind: ResourceKind, from: From): AsyncGenerator<T> {
    yield* rowsOf(await this.list<T>(kind)).inOrder(from);
  }

  holders(values: readonly UniqueValue[]): Promise<string[]> {
    return this.#tables.faults.perform('resources.holders', () => {
      const owners = values.flatMap((value) => this.#tables.claims.get(claimName(value))?.owner ?? []);
      return [...new Set(owners)].sort();
    });
  }

  create<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: readonly UniqueValue[],
    events: readonly NewEvent[] = [],
  ): Promise<T> {
    return this.#tables.faults.perform('resources.create', () => {
      if (this.#item(kind, item.uuid)) throw new ClaimTaken('uuid', item.uuid, undefined);
      this.#swap(item.uuid, { before: [], after: unique });
      this.#tables.record(item.uuid, events, this.#clock.now());
      return this.#put(kind, item);
    });
  }

  replace<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: Uniques,
    events: readonly NewEvent[] = [],
  ): Promise<T> {
    return this.#tables.faults.perform('resources.replace', () => {
      this.#current(kind, item);
      this.#swap(item.uuid, unique);
      this.#tables.record(item.uuid, events, this.#clock.now());
      return this.#put(kind, { ...item, version: item.version + 1 });
    });
  }

  remove<T extends Stored>(kind: ResourceKind, item: T, unique: readonly UniqueValue[]): Promise<void> {
    return this.#tables.faults.perform('resources.remove', () => {
      this.#current(kind, item);
      this.#swap(item.uuid, { before: unique, after: [] });
      this.#tables.resources.delete(key(kind, item.uuid));
    });
  }

  #item(kind: ResourceKind, uuid: string): Stored | undefined {
    return this.#tables.resources.get(key(kind, uuid))?.item;
  }

  #put<T extends Stored>(kind: ResourceKind, item: T): T {
    this.#tables.resources.set(key(kind, item.uuid), { kind, item: structuredClone(item) });
    return item;
  }

  #current(kind: ResourceKind, { uuid, version }: Stored): void {
    if (this.#item(kind, uuid)?.version !== version) throw lostRace(kind, uuid);
  }

  /** All or nothing: every value is looked at before the first one is taken. */
  #swap(owner: string, { before, after }: Uniques): void {
    for (const value of after) this.#tables.checkFree({ ...value, soft: false }, owner);
    for (const value of before) this.#tables.release({ ...value, soft: false }, owner);
    for (const value of after) this.#tables.take({ ...value, soft: false }, owner);
  }
}

const key = (kind: ResourceKind, uuid: string): string => `${kind}#${uuid}`;
