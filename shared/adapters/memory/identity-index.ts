import { type Hit, type IdentityIndex, type IdentityKey, isIndexed } from '../../node/node-store.ts';
import { claimName, type MemoryTables } from './tables.ts';

export class MemoryIdentityIndex implements IdentityIndex {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  candidates(keys: readonly IdentityKey[]): Promise<Hit[]> {
    return this.#tables.faults.perform('identity.candidates', () => [
      ...keys.flatMap((key) =>
        this.#tables.index
          .filter((entry) => entry.kind === key.kind && entry.value === key.value)
          .map((entry) => ({ key, node: entry.node })),
      ),
      ...this.#claimed(keys.filter((key) => !isIndexed(key.kind))),
    ]);
  }

  claims(keys: readonly IdentityKey[]): Promise<Hit[]> {
    return this.#tables.faults.perform('identity.claims', () => this.#claimed(keys));
  }

  #claimed(keys: readonly IdentityKey[]): Hit[] {
    const asked = new Map(keys.map((key) => [claimName(key), key]));
    return [...asked].flatMap(([name, key]): Hit[] => {
      const held = this.#tables.claims.get(name);
      if (!held) return [];
      return [held.shared ? { key, node: held.owner, shared: true } : { key, node: held.owner }];
    });
  }
}
