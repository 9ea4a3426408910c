import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '../../shared/json.ts';
import { Stage } from './stage.ts';

const DEADLINE_SECONDS = 600;
/** Far below the deadline, also where it runs twenty times as fast. */
const AT_ONCE_SECONDS = 10;

const inventoryOf = (macs: string[], serial: string): JsonObject => ({
  interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address })),
  system_vendor: { serial_number: serial },
  cpu: { count: 1, architecture: 'x86_64' },
  memory: { physical_mb: 1024 },
});

describe('an inspection whose inventory is not taken, over HTTP', () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());

  let used = 0;
  const nextMac = () => `52:54:00:0e:00:${String(10 + used++)}`;

  async function node(given: JsonObject = {}): Promise<{ uuid: string; mac: string }> {
    const interfaces = { inspect_interface: 'agent', deploy_interface: 'direct' };
    const driver_info = { nodeless_deadlines: { inspect: DEADLINE_SECONDS } };
    const body = { driver: 'fake-hardware', driver_info, ...interfaces, ...given };
    const uuid = String((await stage.operator('POST', '/v1/nodes', 201, body))['uuid']);
    const mac = nextMac();
    await stage.operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: mac });
    await stage.ask(uuid, 'manage');
    await stage.reached(uuid, 'manageable');
    return { uuid, mac };
  }

  async function waiting(given: JsonObject = {}): Promise<{ uuid: string; mac: string }> {
    const one = await node(given);
    await stage.ask(one.uuid, 'inspect');
    await stage.reached(one.uuid, 'inspect wait');
    return one;
  }

  async function post(body: JsonObject): Promise<{ status: number; text: string }> {
    const response = await fetch(`${stage.runtime.agentUrl}/v1/continue_inspection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error: null, ...body }),
    });
    return { status: response.status, text: await response.text() };
  }

  async function failed(uuid: string): Promise<{ last_error: string; events: string[] }> {
    const { last_error } = await stage.reached(uuid, 'inspect failed', AT_ONCE_SECONDS);
    const events = (await stage.runtime.services.nodes.events(uuid)).map(({ event }) => event);
    return { last_error: String(last_error), events };
  }

  it('ends at once when it is in conflict: both nodes, the line of the inbox and what to do are told', async () => {
    const other = await node();
    const { uuid, mac } = await waiting();
    assert.equal((await post({ inventory: inventoryOf([mac, other.mac], 'C-1') })).status, 404);
    const { last_error, events } = await failed(uuid);
    for (const named of [uuid, other.uuid]) assert.ok(last_error.includes(named), last_error);
    const row = /npx nodeless inbox show (\S+)\)/.exec(last_error)?.[1];
    assert.equal((await stage.operator('GET', `/v1/nodeless/inbox/${row}`, 200))['state'], 'conflict');
    assert.match(last_error, /^the inventory was not taken: .*\. See whose machine.*then start the inspect again$/);
    assert.equal(events.filter((event) => event.startsWith('the inventory was not taken: ')).length, 1);
    assert.equal(events.at(-1), `inspect failed: ${last_error}`);
    const elsewhere = await stage.runtime.services.nodes.events(other.uuid);
    assert.equal(elsewhere.filter(({ severity }) => severity === 'ERROR').length, 0, 'nobody waited there');
  });

  it('ends at once when it has too many MACs to be learnt', async () => {
    const { uuid, mac } = await waiting();
    const extra = Array.from({ length: 63 }, (_, i) => `52:54:00:0f:00:${(i + 16).toString(16)}`);
    await stage.operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: '52:54:00:0f:01:00' });
    assert.equal((await post({ inventory: inventoryOf([mac, ...extra], 'C-2') })).status, 404);
    assert.match((await failed(uuid)).last_error, /would have more than 64 MACs\. See whose machine/);
  });

  it('goes on waiting while a machine shows its serial number and other cards: a sticker ends no inspection', async () => {
    const { uuid, mac } = await waiting({ properties: { serial_number: 'C-7' } });
    assert.equal((await post({ inventory: inventoryOf([nextMac()], 'C-7') })).status, 404);
    const node = await stage.node(uuid);
    assert.equal(node['provision_state'], 'inspect wait');
    const { history } = await stage.operator('GET', `/v1/nodes/${uuid}/history`, 200);
    assert.match(JSON.stringify(history), /points short of a match/);
    assert.equal((await post({ inventory: inventoryOf([mac], 'C-7') })).status, 200);
    await stage.reached(uuid, 'manageable');
  });

  it('ends at once when its node has no MAC to be told by, and the machine shows one of another node', async () => {
    const other = await node();
    const { uuid, mac } = await waiting({ properties: { serial_number: 'C-8' } });
    const [port] = (await stage.operator('GET', `/v1/ports?address=${mac}`, 200))['ports'] as JsonObject[];
    await stage.operator('DELETE', `/v1/ports/${port?.['uuid']}`, 204);
    assert.equal((await post({ inventory: inventoryOf([other.mac], 'C-8') })).status, 404);
    const { last_error } = await failed(uuid);
    for (const named of [uuid, other.uuid]) assert.ok(last_error.includes(named), last_error);
  });

  it('goes on waiting while another machine shows its serial number and the MAC of a third', async () => {
    const other = await node();
    const { uuid, mac } = await waiting({ properties: { serial_number: 'C-3' } });
    assert.equal((await post({ inventory: inventoryOf([other.mac], 'C-3') })).status, 404);
    assert.equal((await stage.node(uuid))['provision_state'], 'inspect wait');
    assert.equal((await post({ inventory: inventoryOf([mac], 'C-3') })).status, 200);
    await stage.reached(uuid, 'manageable');
  });

  it('ends at once when the ramdisk tells of an error, which learns nothing but its logs', async () => {
    const { uuid, mac } = await waiting();
    const error = `the following errors:\n disk sda is broken\u001b\u0000${'!'.repeat(5000)}`;
    const answer = await post({ inventory: inventoryOf([mac, nextMac()], 'C-4'), error, logs: 'aGVsbG8=' });
    assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { uuid }]);
    const { last_error, events } = await failed(uuid);
    assert.match(last_error, /^the ramdisk failed to inspect the machine: the following errors: disk sda is broken/);
    assert.match(last_error, /Look at the machine and at the logs of the ramdisk, then start the inspect again$/);
    assert.ok(last_error.length < 1200, 'it is bounded');
    assert.doesNotMatch(last_error, /\p{C}/u);
    const key = `logs/${uuid}/inspection.tar.gz`;
    assert.match(events.at(-1) ?? '', new RegExp(`\\(logs of the ramdisk: document ${key}\\)$`));
    assert.ok(await stage.runtime.services.documents.get(key));
    const row = await stage.runtime.services.nodes.get(uuid);
    assert.deepEqual([row?.macs, row?.properties], [[mac], {}]);
  });

  it('has an error of the ramdisk in its history once an hour where no inspection waits', async () => {
    const { uuid, mac } = await node();
    for (const error of ['no lldp', null, 'no lldp']) {
      assert.equal((await post({ inventory: inventoryOf([mac], 'C-5'), error })).status, 200);
    }
    assert.equal((await stage.node(uuid))['provision_state'], 'manageable');
    const events = (await stage.runtime.services.nodes.events(uuid)).filter(({ severity }) => severity === 'ERROR');
    assert.deepEqual(
      events.map(({ event }) => event),
      ['The ramdisk posted its inventory with an error: no lldp'],
    );
  });

  it('ends at once when an inspection rule refuses it, of which the machine hears as little as ever', async () => {
    const actions = [{ op: 'fail', args: { msg: 'not ours' } }];
    const rule = await stage.operator('POST', '/v1/inspection_rules', 201, { actions });
    const { uuid, mac } = await waiting();
    const body = { inventory: inventoryOf([mac], 'C-6') };
    const answer = await post(body);
    assert.equal(answer.status, 400);
    assert.doesNotMatch(answer.text, /not ours/);
    const { last_error, events } = await failed(uuid);
    const next = 'Change that rule (/v1/inspection_rules) or what the machine is, then start the inspect again';
    assert.equal(last_error, `Inspection rule ${rule['uuid']}: not ours. ${next}`);
    await post(body);
    assert.equal((await stage.node(uuid))['last_error'], last_error, 'nor does it take away what to do');
    const errors = (await stage.runtime.services.nodes.events(uuid)).filter(({ severity }) => severity === 'ERROR');
    assert.equal(errors.length, events.filter((event) => event.includes('not ours')).length);
  });
});
