import type { JsonObject } from '../../json.ts';
import type { SecretStore } from '../../node/node-store.ts';
import type { MemoryTables } from './tables.ts';

export class MemorySecretStore implements SecretStore {
  readonly #tables: MemoryTables;
  constructor(tables: MemoryTables) {
    this.#tables = tables;
  }

  get(nodeUuid: string): Promise<JsonObject> {
    return this.#tables.faults.perform('secrets.get', () => this.#tables.secrets.get(nodeUuid) ?? {});
  }

  put(nodeUuid: string, values: JsonObject): Promise<void> {
    return this.#tables.faults.perform('secrets.put', () => {
      this.#tables.secrets.set(nodeUuid, structuredClone(values));
    });
  }

  remove(nodeUuid: string): Promise<void> {
    return this.#tables.faults.perform('secrets.remove', () => {
      this.#tables.secrets.delete(nodeUuid);
    });
  }
}
