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
import type { LogFields } from '../../shared/log.ts';
import { childrenOf } from '../processes.ts';
import { until } from '../until.ts';
import { dynamoStores } from './engines.ts';
import { aNode, aPort } from './stores.ts';

const engineAt = (endpoint: string): number => {
  const [pid, ...more] = childrenOf(process.pid, `--port ${new URL(endpoint).port}`);
  assert.ok(pid !== undefined && more.length === 0, 'one engine');
  return pid;
};

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

test('an engine that is killed is started again where it was, with its data', async () => {
  const logged: [string, LogFields | undefined][] = [];
  const lost: string[] = [];
  const engine = await startEngine({
    dataFolder: folder,
    log: { error: (message, fields) => void logged.push([message, fields]) },
    onLost: (why) => void lost.push(why),
  });
  const client = makeClient(engine.endpoint);
  try {
    await createTables(client, names);
    const { nodes } = dynamoStores(client, names);
    const node = aNode();
    const stored = await nodes.create(node, []);
    for (let kills = 1; kills <= 3; kills += 1) {
      const pid = engineAt(engine.endpoint);
      process.kill(pid, 'SIGKILL');
      await until('the engine to be another one', async () => {
        if (!(await answers(engine.endpoint))) return false;
        return engineAt(engine.endpoint) !== pid;
      });
      assert.deepEqual(await nodes.get(node.uuid), stored);
      assert.equal(logged.length, kills);
    }
    assert.match(logged[0]?.[0] ?? '', /started again/);
    assert.deepEqual(logged[0]?.[1], { reason: 'SIGKILL' });
    assert.deepEqual(lost, []);
    // Once more within a minute: something is wrong that another start does not mend.
    process.kill(engineAt(engine.endpoint), 'SIGKILL');
    await until('it to be given up', async () => lost.length > 0);
    assert.match(lost[0] ?? '', /again and again \(SIGKILL\)/);
  } finally {
    client.destroy();
    await engine.close();
  }
  assert.equal(await answers(engine.endpoint), false);
});

test('an engine that is closed while it is started again is gone for good', { timeout: 30_000 }, async () => {
  const logged: string[] = [];
  const engine = await startEngine({ dataFolder: folder, log: { error: (message) => void logged.push(message) } });
  process.kill(engineAt(engine.endpoint), 'SIGKILL');
  await until('the start', async () => logged.length > 0);
  await engine.close();
  assert.equal(await answers(engine.endpoint), false);
});

test('the loss of an engine that kept its data in memory is told', async () => {
  let lost = '';
  const engine = await startEngine({
    onLost: (why) => {
      lost += why;
    },
  });
  process.kill(engineAt(engine.endpoint), 'SIGKILL');
  await until('somebody to hear of it', async () => lost !== '');
  assert.equal(lost, 'the DynamoDB engine ended (SIGKILL), and what was in its memory is gone: start anew');
  await engine.close();
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
