import { readFile } from 'node:fs/promises';
import { Unavailable } from '../../shared/errors.ts';

/** The value behind `env:NAME` or `file:PATH`. A file is read each time: who replaces it needs no restart. */
export function hookSecrets(env: Readonly<Record<string, string | undefined>> = {}) {
  return async (reference: string): Promise<string> => {
    const [, kind, name = ''] = /^(env|file):(.+)$/s.exec(reference) ?? [];
    if (kind === 'env') return required(env[name], name);
    if (kind === 'file') return required((await readFile(name, 'utf8')).trim(), name);
    throw new Unavailable(`${reference} cannot be read on this machine; use env:NAME or file:PATH`);
  };
}

function required(value: string | undefined, name: string): string {
  if (!value) throw new Unavailable(`the secret ${name} is not set`);
  return value;
}
