import type { DocumentStore } from '../../documents.ts';

export class MemoryDocuments implements DocumentStore {
  readonly #documents = new Map<string, Uint8Array>();

  async put(key: string, bytes: Uint8Array, _contentType: string): Promise<void> {
    this.#documents.set(key, bytes.slice());
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#documents.get(key)?.slice();
  }
}
