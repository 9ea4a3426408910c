import { createHash, createHmac } from 'node:crypto';

/**
 * The token of a node's generation: base64url(HMAC-SHA-256(K, uuid ‖ generation)), 43 characters (agents want ≥ 32).
 * Derived, so that it can be sent with every command and need not be stored.
 */
export function deriveToken(key: Uint8Array, nodeUuid: string, generation: number): string {
  return createHmac('sha256', key).update(`${nodeUuid}\0${generation}`).digest('base64url');
}

/** What is stored of a token. A fast hash is right for 256 random bits. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** One value for "same callback URL and same certificate as in this boot's first beat". Whitespace of a PEM is free. */
export function bootFingerprint(callbackUrl: string, certificate: string | undefined): string {
  return createHash('sha256')
    .update(`${callbackUrl}\0${(certificate ?? '').trim()}`)
    .digest('base64url')
    .slice(0, 22);
}
