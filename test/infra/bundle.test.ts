import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { bundle } from '../../infra/bundling/bundle.ts';
import { FUNCTION_NAMES } from '../../infra/permissions.ts';
import { ofType, synth } from './template.ts';

const { contents, folder } = bundle(FUNCTION_NAMES);
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

  it('take credentials from the environment and know no other way', () => {
    for (const name of FUNCTION_NAMES) {
      const ways = packages(name).filter((one) => /credential-provider|nested-clients|token-providers/.test(one));
      assert.ok(
        ways.every((one) => one === '@aws-sdk/credential-provider-env'),
        `${name}: ${ways}`,
      );
    }
  });

  it('are compiled once for a folder that Lambda lets them write: the second start takes the code from there', () => {
    for (const [name, { Properties }] of ofType(synth().controlPlane, 'AWS::Lambda::Function')) {
      if (!('Environment' in Properties)) continue;
      const { Variables } = Properties['Environment'] as { Variables: Record<string, string> };
      assert.match(Variables['NODE_COMPILE_CACHE'] ?? '', /^\/tmp\//, name);
    }
    const cache = mkdtempSync(join(tmpdir(), 'nodeless-compiled-'));
    after(() => rmSync(cache, { recursive: true, force: true }));
    const start = () =>
      spawnSync(process.execPath, [join(folder, 'agent-heartbeat', 'index.js')], {
        env: { NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' },
        encoding: 'utf8',
      }).stderr;
    const taken = /code cache for CommonJS .*agent-heartbeat\/index\.js was accepted/;
    assert.doesNotMatch(start(), taken);
    assert.match(start(), taken);
  });
});
