import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { aMac, aNode } from '../contract/stores.ts';

/** What API Gateway lets a Lambda function answer. */
const LAMBDA_BYTES = 6 * 1024 * 1024;

type Json = Record<string, unknown>;

describe('the operator API while many write', () => {
  let runtime: Runtime;
  before(async () => {
    runtime = await startRuntime({
      operatorPort: 0,
      agentPort: 0,
      host: '127.0.0.1',
      log: silentLog,
    });
  });
  after(() => runtime.close());

  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(path.startsWith('http') ? path : `${runtime.operatorUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // The answer is a string in the function's own JSON.
    const bytes = Buffer.byteLength(JSON.stringify(text));
    return { status: response.status, bytes, json: (text ? JSON.parse(text) : {}) as Json };
  };
  const made = async (fields: Json = {}) => {
    const { status, json } = await ask('POST', '/v1/nodes', { driver: 'fake-hardware', ...fields });
    assert.equal(status, 201);
    return String(json.uuid);
  };
  /** Every uuid of a list, page by page as `next` leads. */
  const listed = async (path: string) => {
    const uuids: string[] = [];
    const sizes: number[] = [];
    for (let next: unknown = path; typeof next === 'string'; ) {
      const { status, json, bytes } = await ask('GET', next);
      assert.equal(status, 200);
      uuids.push(...(json.nodes as Json[]).map(({ uuid }) => String(uuid)));
      sizes.push(bytes);
      next = json.next;
    }
    return { uuids, sizes };
  };

  for (const [place, order] of ['', '&sort_dir=desc', '&sort_key=name'].entries()) {
    test(`a list never misses or repeats a row that is there all the time${order && ` (${order.slice(1)})`}`, async () => {
      const stable = await Promise.all(Array.from({ length: 25 }, (_, n) => made({ name: `stable-${place}-${n}` })));
      let reading = true;
      let writes = 0;
      const writer = async (id: number) => {
        for (let n = 0; reading; n += 1) {
          const uuid = await made({ name: `passing-${place}-${id}-${n}` });
          const patched = await ask('PATCH', `/v1/nodes/${stable[n % stable.length]}`, [
            { op: 'add', path: '/extra/n', value: `${id}-${n}` },
          ]);
          assert.ok([200, 409].includes(patched.status), String(patched.status));
          const removed = await ask('DELETE', `/v1/nodes/${uuid}`);
          assert.equal(removed.status, 204, JSON.stringify(removed.json));
          writes += 3;
        }
      };
      const writers = [writer(1), writer(2)];
      for (let round = 0; round < 3; round += 1) {
        const { uuids } = await listed(`/v1/nodes?limit=7${order}`);
        assert.equal(new Set(uuids).size, uuids.length, 'a row came twice');
        for (const uuid of stable) assert.ok(uuids.includes(uuid), `${uuid} is missing`);
      }
      reading = false;
      await Promise.all(writers);
      assert.ok(writes > 0);
      await Promise.all(stable.map((uuid) => ask('DELETE', `/v1/nodes/${uuid}`)));
    });
  }

  test('what was just written is found: by name, in lists, by address and by node', async () => {
    for (let n = 0; n < 10; n += 1) {
      const [name, address] = [`fresh-${n}`, aMac()];
      const uuid = await made({ name, resource_class: name });
      assert.equal((await ask('GET', `/v1/nodes/${name}`)).json.uuid, uuid);
      assert.deepEqual((await listed(`/v1/nodes?resource_class=${name}`)).uuids, [uuid]);
      const port = await ask('POST', '/v1/ports', { node_uuid: uuid, address });
      assert.equal(port.status, 201);
      for (const filter of [`address=${address}`, `node=${name}`, `node_uuid=${uuid}`]) {
        const { json } = await ask('GET', `/v1/ports?${filter}`);
        assert.deepEqual(
          (json.ports as Json[]).map((one) => one.uuid),
          [port.json.uuid],
          filter,
        );
      }
      assert.equal((await ask('DELETE', `/v1/nodes/${name}`)).status, 204);
      assert.deepEqual((await ask('GET', `/v1/ports?address=${address}`)).json.ports, []);
      assert.equal((await ask('GET', `/v1/nodes/${name}`)).status, 404);
    }
  });

  test('of patches at one moment, those that lost change nothing and are 409', async () => {
    const uuid = await made();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ask('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: `/extra/k${n}`, value: n }]),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    assert.ok(
      statuses.every((status) => status === 200 || status === 409),
      statuses.join(),
    );
    assert.ok(statuses.includes(200) && statuses.includes(409), statuses.join());
    const won = statuses.flatMap((status, n) => (status === 200 ? [`k${n}`] : []));
    const { extra } = (await ask('GET', `/v1/nodes/${uuid}`)).json;
    assert.deepEqual(Object.keys(extra as Json).sort(), won.sort());
    await ask('DELETE', `/v1/nodes/${uuid}`);
  });

  test('a page that a Lambda function could not answer ends early, with a next', async () => {
    const { nodes } = runtime.services;
    const extra = { blob: '"'.repeat(10_000) };
    for (let batch = 0; batch < 25; batch += 1) {
      await Promise.all(Array.from({ length: 20 }, () => nodes.create(aNode({ extra, resource_class: 'large' }), [])));
    }
    const { uuids, sizes } = await listed('/v1/nodes/detail?resource_class=large');
    assert.equal(uuids.length, 500);
    assert.equal(new Set(uuids).size, 500);
    assert.ok(sizes.length > 1);
    for (const size of sizes) assert.ok(size < LAMBDA_BYTES, `${size}`);
  });
});
