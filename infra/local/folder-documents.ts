import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DocumentStore } from '../../shared/documents.ts';
import { InvalidInput, Unavailable } from '../../shared/errors.ts';

/** What the bucket is on AWS. A key is a path below the folder and never leaves it. */
export class FolderDocuments implements DocumentStore {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }

  async put(key: string, bytes: Uint8Array, _contentType: string): Promise<void> {
    const file = this.#file(key);
    const fresh = `${file}.${randomUUID()}`;
    await attempt(async () => {
      await mkdir(dirname(file), { recursive: true });
      // A reader sees all of it or nothing.
      await writeFile(fresh, bytes);
      await rename(fresh, file);
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const file = this.#file(key);
    return attempt(() =>
      readFile(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      }),
    );
  }

  async remove(key: string): Promise<void> {
    const file = this.#file(key);
    await attempt(() => rm(file, { force: true }));
  }

  #file(key: string): string {
    const parts = key.split('/');
    const bad = key.includes('\\') || key.includes('\0') || parts.some((part) => /^\.*$/.test(part));
    if (bad) throw new InvalidInput('This is not a key of a document');
    return join(this.#folder, ...parts);
  }
}

async function attempt<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Unavailable('The document could not be read or written', 5, { cause: error });
  }
}
