import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Rack } from '../../rack/rack.ts';
import { Stage } from '../../scenarios/stage.ts';
import { until } from '../../until.ts';
import { exampleConfiguration, passthru } from '../example-stage.ts';
import { type StorageArray, storageArray } from './storage-array.ts';

const SECRET = 'the-secret-of-the-array';
const MAC = '52:54:00:00:5a:01';
const ATTACH = { volume_id: 'v1', initiator: 'iqn.2026-01.example:n1' };

describe('a storage array as a hook', () => {
  let stage: Stage;
  let array: StorageArray;
  let rack: Rack;
  let uuid: string;
  let token: string;
  before(async () => {
    array = await storageArray(SECRET, 0.3);
    stage = await Stage.open(await exampleConfiguration('storage-array', array.url, { ARRAY_SECRET: SECRET }));
    uuid = await stage.nodeWith(MAC, { vendor_interface: 'hook', driver_info: { hook: 'array' } });
    rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
    const machine = rack.add({ macs: [MAC], serial: 'A1' });
    machine.powerOn();
    token = await until('its token', async () => machine.token ?? undefined);
  });
  after(async () => {
    await rack?.close();
    await stage.close();
    await array.close();
  });
  const result = async (call: string | null) =>
    JSON.parse((await passthru(stage, uuid, 'GET', `result?call=${call}`)).text) as Record<string, unknown>;
  const byAgent = (method: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${stage.runtime.agentUrl}/v1/nodes/${uuid}/vendor_passthru/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('attaches a volume after its 202 has left, and the result can be asked for', async () => {
    const accepted = await passthru(stage, uuid, 'POST', 'attach_volume', ATTACH);
    assert.deepEqual([accepted.status, accepted.text], [202, '']);
    const first = await result(accepted.call);
    assert.ok(['running', 'done'].includes(String(first.state)));
    const done = await until('the volume', async () => {
      const outcome = await result(accepted.call);
      return outcome.state === 'done' ? outcome : undefined;
    });
    assert.deepEqual(done.result, { volume_id: 'v1', target: 'iqn.example:v1', lun: 1 });
    const { history } = await stage.operator('GET', `/v1/nodes/${uuid}/history/?detail=true`, 200);
    assert.match(JSON.stringify(history), /Vendor method attach_volume ended/);
  });

  it('says why it did not', async () => {
    const taken = { ...ATTACH, initiator: 'iqn.2026-01.example:n2' };
    const { call } = await passthru(stage, uuid, 'POST', 'attach_volume', taken);
    const failed = await until('the refusal', async () => {
      const outcome = await result(call);
      return outcome.state === 'failed' ? outcome : undefined;
    });
    assert.equal(failed.error, 'Hook array: volume v1 is attached elsewhere');
  });

  it('makes a volume for the machine that asks with its token, once for one key', async () => {
    const key = { 'Idempotency-Key': 'scratch-1' };
    const first = await byAgent('request_volume', { agent_token: token, size_gb: 10 }, key);
    assert.equal(first.status, 200);
    const volume = (await first.json()) as Record<string, unknown>;
    assert.deepEqual(await (await byAgent('request_volume', { agent_token: token, size_gb: 10 }, key)).json(), volume);
    assert.deepEqual([...array.made], [[volume.volume_id, uuid]]);
    assert.ok(!JSON.stringify(array.asked).includes(token), 'a hook never sees the token');
  });

  it('is asked no more often than declared, whichever process counts', async () => {
    const asked = array.asked.length;
    const answers = [];
    for (let i = 0; i < 6; i += 1) {
      answers.push(
        await byAgent('request_volume', { agent_token: token, size_gb: 1 }, { 'Idempotency-Key': `more-${i}` }),
      );
    }
    // A minute may end in between.
    const passed = answers.filter(({ status }) => status === 200).length;
    assert.ok(passed <= 4, String(passed));
    assert.ok(
      answers
        .filter(({ status }) => status !== 200)
        .every(({ status, headers }) => status === 503 && headers.has('retry-after')),
    );
    assert.equal(array.asked.length, asked + passed);
  });

  it('is not asked by a machine without its token, nor for what operators may', async () => {
    const asked = array.asked.length;
    for (const [method, body] of [
      ['request_volume', { size_gb: 1 }],
      ['request_volume', { agent_token: `${token}x`, size_gb: 1 }],
      ['attach_volume', { agent_token: token, ...ATTACH }],
    ] as const) {
      const answer = await byAgent(method, body);
      assert.equal(answer.status, 404);
      assert.match(await answer.text(), /Not found\./);
    }
    assert.equal(array.asked.length, asked);
  });
});
