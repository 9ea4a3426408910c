import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Stage } from '../../scenarios/stage.ts';
import { exampleConfiguration, passthru } from '../example-stage.ts';
import { vlanController } from './vlan-controller.ts';

const SECRET = 'the-secret-of-the-vlan-controller';
const NODE = {
  driver: 'manual',
  vendor_interface: 'hook',
  driver_info: { hook: 'vlan', console_password: 'hush' },
  extra: { switch_ports: ['eth1/7', 'eth2/7'] },
};

describe('a VLAN controller as a hook', () => {
  let stage: Stage;
  let controller: Awaited<ReturnType<typeof vlanController>>;
  let uuid: string;
  before(async () => {
    controller = await vlanController(SECRET);
    stage = await Stage.open(await exampleConfiguration('vlan-controller', controller.url, { VLAN_SECRET: SECRET }));
    uuid = String((await stage.operator('POST', '/v1/nodes', 201, NODE)).uuid);
  });
  after(async () => {
    await stage.close();
    await controller.close();
  });
  const call = (verb: string, method: string, body?: unknown, headers: Record<string, string> = {}) =>
    passthru(stage, uuid, verb, method, body, headers);

  it('is listed with its methods, as Ironic lists its own', async () => {
    const listed = await stage.operator('GET', `/v1/nodes/${uuid}/vendor_passthru/methods`, 200);
    assert.deepEqual(listed.set_node_vlan_id, {
      http_methods: ['POST'],
      async: false,
      description: 'Put the switch ports of a node into a VLAN',
      attach: false,
      require_exclusive_lock: true,
    });
  });

  it('sets the VLAN of every port of the node, and is told no secret', async () => {
    const answer = await call('POST', 'set_node_vlan_id', { vlan_id: 42 });
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { vlan_id: 42, ports: ['eth1/7', 'eth2/7'] }]);
    assert.deepEqual([...controller.vlans.values()], [42, 42]);
    assert.ok(!JSON.stringify(controller.asked).includes('console_password'));
  });

  it('gives its text as it is where it says so', async () => {
    const answer = await call('GET', 'show_switch_config');
    assert.match(String(answer.type), /^text\/plain/);
    assert.match(answer.text, /^interface eth1\/7\n switchport access vlan 42\n/);
  });

  it('is not asked for what its schema does not allow', async () => {
    const before = controller.asked.length;
    for (const body of [{}, { vlan_id: 4095 }, { vlan_id: '42' }, { vlan_id: 42, more: 1 }, { vlan_id: 42, task: 1 }]) {
      assert.equal((await call('POST', 'set_node_vlan_id', body)).status, 400, JSON.stringify(body));
    }
    assert.equal((await call('PUT', 'set_node_vlan_id', { vlan_id: 42 })).status, 400);
    assert.equal(controller.asked.length, before);
  });

  it('refuses in its own words', async () => {
    const answer = await call('POST', 'set_node_vlan_id', { vlan_id: 4094 });
    assert.equal(answer.status, 409);
    assert.match(answer.text, /Hook vlan: VLAN 4094 is reserved/);
  });

  it('does once what is asked twice with one key', async () => {
    const before = controller.asked.length;
    const twice = { 'Idempotency-Key': 'ticket-17' };
    const first = await call('POST', 'set_node_vlan_id', { vlan_id: 7 }, twice);
    assert.deepEqual(await call('POST', 'set_node_vlan_id', { vlan_id: 7 }, twice), first);
    assert.equal(controller.asked.length, before + 1);
  });

  it('is the business of nodes that name it, and of no other', async () => {
    const { uuid: other } = await stage.operator('POST', '/v1/nodes', 201, { driver: 'manual' });
    const listed = await stage.operator('GET', `/v1/nodes/${other}/vendor_passthru/methods`, 200);
    assert.deepEqual(listed, {});
    const answer = await passthru(stage, String(other), 'POST', 'set_node_vlan_id', { vlan_id: 5 });
    assert.equal(answer.status, 400);
  });

  it('that is down is a 503 with its name', async () => {
    await controller.close();
    const answer = await call('POST', 'set_node_vlan_id', { vlan_id: 42 });
    assert.equal(answer.status, 503);
    assert.match(answer.text, /Hook vlan: it was not reached \(ECONNREFUSED\)/);
  });
});
