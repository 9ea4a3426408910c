import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { configuredHooks } from '../../shared/adapters/hook/configured-hooks.ts';
import { secretValue } from '../../shared/adapters/secrets/secret-value.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Configuration } from '../../shared/configuration.ts';
import type { Hooks } from '../../shared/hook/hook-port.ts';
import { measuredHooks } from '../../shared/hook/measured-hooks.ts';
import { emf } from './emf.ts';

/** A secret that was changed is known after this time. */
const SECRET_AGE_MS = 300_000;

/** The configuration's hooks, with secrets by ARN. Without a permission for its ARN a hook is one that is down. */
export function lambdaHooks({ hooks: targets }: Pick<Configuration, 'hooks'>): Hooks {
  const secrets = new SecretsManagerClient({ maxAttempts: 2 });
  const readers = new Map<string, () => Promise<string>>();
  const secretOf = (arn: string): Promise<string> => {
    const read = readers.get(arn) ?? secretValue(secrets, arn, SECRET_AGE_MS, systemClock);
    readers.set(arn, read);
    return read();
  };
  // One attempt: a repeated one would be a second call.
  const lambda = () => new LambdaClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 2000 } });
  return measuredHooks(configuredHooks({ targets, secretOf, lambda, clock: systemClock }), emf, systemClock);
}
