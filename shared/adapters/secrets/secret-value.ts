import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../../clock.ts';
import { Unavailable } from '../../errors.ts';

/** A secret's text, read on first use and again when it is older than it may be. A failed read is not kept. */
export function secretValue(
  client: SecretsManagerClient,
  SecretId: string,
  maxAgeMs: number,
  clock: Clock,
): () => Promise<string> {
  let known: { text: Promise<string>; at: number } | undefined;
  return () => {
    if (known && clock.now() - known.at <= maxAgeMs) return known.text;
    const text = read(client, SecretId);
    const mine = { text, at: clock.now() };
    known = mine;
    text.catch(() => {
      if (known === mine) known = undefined;
    });
    return text;
  };
}

async function read(client: SecretsManagerClient, SecretId: string): Promise<string> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    if (SecretString) return SecretString;
  } catch (cause) {
    throw new Unavailable('A secret of this service could not be read', 5, { cause });
  }
  throw new Unavailable('A secret of this service is empty');
}
