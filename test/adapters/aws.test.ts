import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { secretValue } from '../../shared/adapters/secrets/secret-value.ts';
import { InvalidInput, Unavailable } from '../../shared/errors.ts';
import { documentStoreContract } from '../contract/document-store.contract.ts';

/** A client that answers what a function says. */
const client = <T>(send: (command: { input: Record<string, unknown>; constructor: { name: string } }) => unknown): T =>
  ({ send: async (command: never) => send(command) }) as T;
const named = (name: string, message = name): Error => Object.assign(new Error(message), { name });

function bucket(): S3Client {
  const objects = new Map<unknown, Uint8Array>();
  return client((command) => {
    const { input } = command;
    if (command.constructor.name === 'PutObjectCommand')
      return void objects.set(input['Key'], input['Body'] as Uint8Array);
    const bytes = objects.get(input['Key']);
    if (bytes === undefined) throw named('NoSuchKey');
    return { Body: { transformToByteArray: async () => bytes } };
  });
}

documentStoreContract('a bucket', async () => new S3Documents(bucket(), 'documents'));

describe('documents in a bucket', () => {
  it('refuse keys that a folder would refuse, and call a fault a fault', async () => {
    const documents = new S3Documents(bucket(), 'documents');
    for (const key of ['../secret', '/a', 'a//b', 'a\\b']) await assert.rejects(documents.get(key), InvalidInput);
    const denied = new S3Documents(
      client(() => {
        throw named('AccessDenied');
      }),
      'documents',
    );
    await assert.rejects(denied.get('a'), Unavailable);
    await assert.rejects(denied.put('a', new Uint8Array(), 'text/plain'), Unavailable);
  });
});

describe('a secret', () => {
  it('is read once, again when it is old, and after a failure at the next call', async () => {
    let now = 0;
    let reads = 0;
    const secrets = client<SecretsManagerClient>(() => {
      reads += 1;
      if (reads === 1) throw named('InternalServiceError', 'the secret is hunter2');
      return { SecretString: `value ${reads}` };
    });
    const read = secretValue(secrets, 'arn', 1000, { now: () => now });
    await assert.rejects(read(), (error: Error) => error instanceof Unavailable && !error.message.includes('hunter2'));
    assert.deepEqual(await Promise.all([read(), read()]), ['value 2', 'value 2']);
    now = 1001;
    assert.equal(await read(), 'value 3');
  });
});

describe('an exchange by a function', () => {
  const exchange = {
    callbackUrl: 'https://192.0.2.1:9999',
    token: 'T0ken',
    timeoutSeconds: 10,
    request: { command: 'list' },
  } as const;
  const reach = (send: Parameters<typeof client>[0]) =>
    lambdaReach(client<LambdaClient>(send), 'reach').agent(exchange);
  const bytes = (value: unknown) => ({ Payload: new TextEncoder().encode(JSON.stringify(value)) });

  it('carries the exchange there and the reply back', async () => {
    let sent: unknown;
    const reply = await reach(({ input }) => {
      sent = JSON.parse(new TextDecoder().decode(input['Payload'] as Uint8Array));
      return bytes({ kind: 'commands', commands: [] });
    });
    assert.deepEqual(
      [sent, reply],
      [
        { to: 'agent', exchange },
        { kind: 'commands', commands: [] },
      ],
    );
  });

  it('that the function did not begin may be tried again; one that broke off was perhaps heard', async () => {
    await assert.rejects(
      reach(() => {
        throw named('TooManyRequestsException');
      }),
      Unavailable,
    );
    const lost = await reach(() => {
      throw named('TimeoutError', 'POST …?agent_token=T0ken');
    });
    const broken = await reach(() => ({ ...bytes({ errorMessage: 'T0ken' }), FunctionError: 'Unhandled' }));
    for (const reply of [lost, broken]) {
      assert.equal(reply.kind, 'unreachable');
      assert.ok(!JSON.stringify(reply).includes('T0ken'));
    }
  });
});
