import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BYTES = 32;

/** K of this data folder. Lost with it; without a folder it lives as long as the process. */
export function tokenKeyOf(folder: string | undefined): () => Promise<Uint8Array> {
  const key = folder === undefined ? randomBytes(BYTES) : storedKey(folder);
  return async () => key;
}

function storedKey(folder: string): Uint8Array {
  const file = join(folder, 'token-key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    // `wx`: whoever comes second reads what the first one wrote.
    writeFileSync(file, randomBytes(BYTES), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = readFileSync(file);
  if (key.byteLength !== BYTES) throw new Error(`${file} is damaged: remove it, and every agent gets a new token`);
  return key;
}
