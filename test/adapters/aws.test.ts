import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { lambdaReach } from '../../shared/adapters/reach/lambda-reach.ts';
import { S3Documents } from '../../shared/adapters/s3/documents.ts';
import { secretValue } from '../../shared/adapters/secrets/secret-value.ts';
import { StepFunctionsWorkflow } from '../../shared/adapters/step-functions/workflow.ts';
import { InvalidInput, Unavailable } from '../../shared/errors.ts';
import { executionName, executionOf } from '../../shared/run/workflow-port.ts';
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

describe('Step Functions', () => {
  const STATE_MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:nodeless-run';
  const start = { node: 'node-1', run: 'run-1', attempt: 2, timeoutSeconds: 60 };
  const beat = { next: 'Advance', because: 'beat' } as const;

  /** The service's own protocol over HTTP: every call gets this answer, or an error of this name. */
  async function service(t: TestContext, answer: string | object) {
    const asked: { action: string | undefined; input: Record<string, string> }[] = [];
    const server = createServer(async (request, response) => {
      const [, action] = String(request.headers['x-amz-target']).split('.');
      asked.push({ action, input: JSON.parse(Buffer.concat(await request.toArray()).toString()) });
      const fails = typeof answer === 'string';
      response.writeHead(fails ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' });
      const error = `com.amazonaws.swf.service.v2.model#${answer}`;
      response.end(JSON.stringify(fails ? { __type: error, message: 'task-token is no token' } : answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const sfn = new SFNClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
      maxAttempts: 1,
    });
    t.after(() => {
      sfn.destroy();
      server.close();
    });
    return { workflow: new StepFunctionsWorkflow(sfn, STATE_MACHINE), asked };
  }
  const unavailable = (error: Error) =>
    error instanceof Unavailable && error.retryAfterSeconds > 0 && !error.message.includes('task-token');

  it('hears of the beat with which a task goes on', async (t) => {
    const { workflow, asked } = await service(t, {});
    assert.equal(await workflow.succeed('task-token', beat), 'delivered');
    const input = { taskToken: 'task-token', output: JSON.stringify(beat) };
    assert.deepEqual(asked, [{ action: 'SendTaskSuccess', input }]);
  });

  for (const name of ['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']) {
    it(`has ended the task already when it says ${name}: the beat is not lost, nobody waits for it`, async (t) => {
      assert.equal(await (await service(t, name)).workflow.succeed('task-token', beat), 'gone');
    });
  }

  for (const name of ['ThrottlingException', 'InvalidOutput', 'AccessDeniedException']) {
    it(`could not be told when it says ${name}: the beat must come again`, async (t) => {
      await assert.rejects((await service(t, name)).workflow.succeed('task-token', beat), unavailable);
    });
  }

  it('starts an execution of a name of its own, and one that there is already is as good', async (t) => {
    const { workflow, asked } = await service(t, { executionArn: 'arn', startDate: 1 });
    await workflow.start(start);
    const { name, input } = executionOf(start);
    assert.deepEqual(asked, [
      { action: 'StartExecution', input: { stateMachineArn: STATE_MACHINE, name, input: JSON.stringify(input) } },
    ]);
    await (await service(t, 'ExecutionAlreadyExists')).workflow.start(start);
  });

  for (const name of ['ExecutionLimitExceeded', 'ThrottlingException', 'StateMachineDoesNotExist']) {
    it(`did not start the run when it says ${name}`, async (t) => {
      await assert.rejects((await service(t, name)).workflow.start(start), unavailable);
    });
  }

  const ended = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'].map((status) => [{ status }, 'ended'] as const);
  const told = [[{ status: 'RUNNING' }, 'running'], ...ended, ['ExecutionDoesNotExist', 'ended']] as const;
  for (const [answer, status] of [...told, ['ThrottlingException', 'unknown'] as const]) {
    it(`says of an execution ${JSON.stringify(answer)}: it is ${status}`, async (t) => {
      const { workflow, asked } = await service(t, answer);
      assert.equal(await workflow.status('run-1', 2), status);
      const executionArn = `${STATE_MACHINE.replace(':stateMachine:', ':execution:')}:${executionName('run-1', 2)}`;
      assert.deepEqual(asked, [{ action: 'DescribeExecution', input: { executionArn } }]);
    });
  }
});
