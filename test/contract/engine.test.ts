import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '../../infra/local/dynamodb-engine.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { createTables } from '../../shared/adapters/dynamodb/create-tables.ts';
import { dynamoStores } from './engines.ts';
import { aNode, aPort } from './stores.ts';

const folder = await mkdtemp(join(tmpdir(), 'nodeless-engine-'));
after(() => rm(folder, { recursive: true, force: true }));
const names = { nodes: 'nodes', agents: 'agents', secrets: 'secrets' };

const answers = (endpoint: string) =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

async function session<T>(work: (stores: ReturnType<typeof dynamoStores>) => Promise<T>): Promise<T> {
  const engine = await startEngine({ dataFolder: folder });
  const client = makeClient(engine.endpoint);
  try {
    await createTables(client, names);
    return await work(dynamoStores(client, names));
  } finally {
    client.destroy();
    await engine.close();
    assert.equal(await answers(engine.endpoint), false);
  }
}

test('what was written into a folder is there after a restart', async () => {
  const node = aNode();
  const stored = await session(({ nodes }) => nodes.create(node, [aPort(node)]));
  assert.deepEqual(await session(({ nodes }) => nodes.get(node.uuid)), stored);
});

test('the engine dies with the process that started it, even when that is killed', async () => {
  const engine = new URL('../../infra/local/dynamodb-engine.ts', import.meta.url).href;
  const script = `const { endpoint } = await (await import('${engine}')).startEngine(); console.log(endpoint); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  const endpoint = String(line).trim();
  assert.equal(await answers(endpoint), true);
  parent.kill('SIGKILL');
  for (let waited = 0; waited < 50 && (await answers(endpoint)); waited += 1) await sleep(100);
  assert.equal(await answers(endpoint), false);
});

test('numbers that the store would not keep are the caller’s mistake', async () => {
  await session(async ({ nodes }) => {
    for (const number of [2 ** 60, -(2 ** 60), 1e308, Number.POSITIVE_INFINITY, 1e-300]) {
      const node = { ...aNode(), extra: { number } };
      await assert.rejects(nodes.create(node, []), { code: 'invalid-input' }, String(number));
      assert.equal(await nodes.get(node.uuid), undefined);
    }
  });
});
