import type { Hit, IdentityIndex, IdentityKey } from '../../node/node-store.ts';
import { claimName, type MemoryTables } from './tables.ts';

export class MemoryIdentityIndex implements IdentityIndex {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  candidates(keys: readonly IdentityKey[]): Promise<Hit[]> {
    return this.#tables.faults.perform('identity.candidates', () =>
      keys.flatMap((key) =>
        this.#tables.index
          .filter((entry) => entry.kind === key.kind && entry.value === key.value)
          .map((entry) => ({ key, node: entry.node })),
      ),
    );
  }

  claims(keys: readonly IdentityKey[]): Promise<Hit[]> {
    return this.#tables.faults.perform('identity.claims', () => {
      const asked = new Map(keys.map((key) => [claimName(key), key]));
      return [...asked].flatMap(([name, key]) => {
        const held = this.#tables.claims.get(name);
        return held && !held.shared ? [{ key, node: held.owner }] : [];
      });
    });
  }
}
