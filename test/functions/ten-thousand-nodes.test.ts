import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { documents } from '../../shared/adapters/dynamodb/document.ts';
import { nodeItem } from '../../shared/adapters/dynamodb/items.ts';
import { newUuid } from '../../shared/resource/new-uuid.ts';
import { aNode } from '../contract/stores.ts';

const TABLE = 'nodeless-nodes';
const COUNT = 10_000;
const BATCH = 25;
/** What Lambda lets a function answer. */
const LAMBDA_BYTES = 6 * 1024 * 1024;
/** Of a machine in use, a row has about 2 KB. */
const EXTRA = { note: 'x'.repeat(1500) };
const CLASSES = ['small', 'large'];

describe(`${COUNT} nodes`, () => {
  let runtime: Runtime;
  before(async () => {
    runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog });
    const client = makeClient(runtime.databaseUrl);
    const rows = Array.from({ length: COUNT }, (_, n) =>
      aNode({ uuid: newUuid(), name: `node-${n}`, extra: EXTRA, resource_class: CLASSES[n % 100 === 0 ? 1 : 0] ?? '' }),
    );
    const put = (from: number) =>
      documents(client).send(
        new BatchWriteCommand({
          RequestItems: {
            [TABLE]: rows.slice(from, from + BATCH).map((row) => ({ PutRequest: { Item: nodeItem(row, row.uuid) } })),
          },
        }),
      );
    for (let from = 0; from < COUNT; from += 4 * BATCH) {
      await Promise.all([0, 1, 2, 3].map((batch) => put(from + batch * BATCH)));
    }
    client.destroy();
  });
  after(() => runtime.close());

  /** Every name of a list, page by page as `next` leads, and the size of the largest page as Lambda counts it. */
  async function listed(path: string) {
    const names: string[] = [];
    let [pages, largest] = [0, 0];
    for (let next: string | undefined = `${runtime.operatorUrl}${path}`; next !== undefined; pages += 1) {
      const answer = await fetch(next, { headers: { 'x-openstack-ironic-api-version': '1.115' } });
      const text = await answer.text();
      assert.equal(answer.status, 200, text.slice(0, 200));
      largest = Math.max(largest, Buffer.byteLength(JSON.stringify(text)));
      const page = JSON.parse(text) as { nodes: { name: string }[]; next?: string };
      names.push(...page.nodes.map(({ name }) => name));
      next = page.next;
    }
    return { names, pages, largest };
  }

  for (const [title, path, count] of [
    ['as they were made', '/v1/nodes', COUNT],
    ['in full, where a page ends before it is too large for the answer', '/v1/nodes/detail', COUNT],
    ['of a filter that leaves out most', '/v1/nodes?resource_class=large&limit=50', COUNT / 100],
  ] as const) {
    it(`are listed page by page, each once, ${title}`, async () => {
      const { names, pages, largest } = await listed(path);
      assert.equal(names.length, count);
      assert.equal(new Set(names).size, count);
      assert.ok(pages > 1);
      assert.ok(largest < LAMBDA_BYTES, `${largest}`);
    });
  }

  it('are sorted by name, a page at a time', async () => {
    let next = `${runtime.operatorUrl}/v1/nodes?sort_key=name&limit=3`;
    const pages = [];
    for (let page = 0; page < 2; page += 1) {
      const answer = await fetch(next, { headers: { 'x-openstack-ironic-api-version': '1.115' } });
      const body = (await answer.json()) as { nodes: { name: string }[]; next: string };
      pages.push(body.nodes.map(({ name }) => name));
      next = body.next;
    }
    assert.deepEqual(pages, [
      ['node-0', 'node-1', 'node-10'],
      ['node-100', 'node-1000', 'node-1001'],
    ]);
  });
});
