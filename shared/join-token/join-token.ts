import { createHash, randomBytes } from 'node:crypto';
import type { Stored } from '../resource/resource-store.ts';

/** Permission to enrol, carried in the URL that agents boot with. The token itself is stored nowhere. */
export interface JoinToken extends Stored {
  name: string | null;
  description: string | null;
  /** base64url SHA-256 of the token. */
  hash: string;
  expires_at: string | null;
  /** Nodes that it may enrol; null = any number. */
  uses: number | null;
  used: number;
  /** Globs and ranges, of which one must fit what the inventory says. */
  serials: string[];
  models: string[];
  /** Only this policy is asked. */
  policy: string | null;
  revoked_at: string | null;
  revoked_by: string | null;
  created_by: string | null;
}

/** 32 random bytes in 43 characters that a URL can hold. */
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

export const mintToken = (): string => randomBytes(32).toString('base64url');
export const isToken = (text: string): boolean => SHAPE.test(text);
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** Its row is found by one read, without a list of tokens and without an index: a UUID made of the hash. */
export function idOf(token: string): string {
  const hex = createHash('sha256').update(token).digest('hex').slice(0, 32);
  const marked = `${hex.slice(0, 12)}8${hex.slice(13, 16)}a${hex.slice(17)}`;
  return marked.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export type TokenState = 'valid' | 'expired' | 'used_up' | 'revoked';

export function stateOf(
  token: Pick<JoinToken, 'expires_at' | 'uses' | 'used' | 'revoked_at'>,
  now: number,
): TokenState {
  if (token.revoked_at !== null) return 'revoked';
  if (token.expires_at !== null && Date.parse(token.expires_at) <= now) return 'expired';
  return token.uses !== null && token.used >= token.uses ? 'used_up' : 'valid';
}

export const nameOf = ({ name, uuid }: Pick<JoinToken, 'name' | 'uuid'>): string => name ?? uuid;
