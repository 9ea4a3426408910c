import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { systemClock } from '../../clock.ts';
import { secretValue } from './secret-value.ts';

/** K of design §3, read once per environment. Changing it makes every token wrong, so it is not rotated in passing. */
export function tokenKeyFrom(client: SecretsManagerClient, secretId: string): () => Promise<Uint8Array> {
  const text = secretValue(client, secretId, Number.POSITIVE_INFINITY, systemClock);
  return async () => new TextEncoder().encode(await text());
}
