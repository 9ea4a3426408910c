import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { bundle } from '../../infra/bundling/bundle.ts';

const { contents, folder } = bundle(['agent-heartbeat', 'agent-root', 'reach', 'operator']);
after(() => rmSync(folder, { recursive: true, force: true }));

const inputs = (name: string): string[] =>
  Object.entries(contents[name]?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file);
const packages = (name: string): string[] => [
  ...new Set(inputs(name).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
];

describe('the bundles', () => {
  it('of the heartbeat is at most 400 KB, and holds two clients, middy and what these need', () => {
    const bytes = contents['agent-heartbeat']?.bytes ?? Number.POSITIVE_INFINITY;
    assert.ok(bytes <= 400_000, `${bytes} bytes`);
    const clients = packages('agent-heartbeat').filter((name) => /^@aws-sdk\/(client|lib)-/.test(name));
    assert.deepEqual(clients.sort(), ['@aws-sdk/client-dynamodb', '@aws-sdk/client-sfn']);
    for (const unwanted of ['zod', '@aws-sdk/nested-clients', '@aws-sdk/credential-provider-node']) {
      assert.ok(!packages('agent-heartbeat').includes(unwanted), unwanted);
    }
  });

  it('of reach and of the root document can call no AWS API', () => {
    for (const name of ['reach', 'agent-root']) {
      assert.deepEqual(
        packages(name).filter((one) => /^@(aws-sdk|smithy|aws)\//.test(one)),
        [],
        name,
      );
    }
  });

  it('of the agent API have no handler of the operator API, nor the store of the secrets', () => {
    for (const name of ['agent-heartbeat', 'agent-root', 'reach']) {
      const foreign = inputs(name).filter((file) => /functions\/operator\/|secret-store/.test(file));
      assert.deepEqual(foreign, [], name);
    }
  });
});
