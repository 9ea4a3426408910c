import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject, JsonValue } from '../../shared/json.ts';
import { exampleConfiguration } from '../examples/example-stage.ts';
import { fuelInventory, type Server } from '../examples/fuel-inventory/fuel-inventory.ts';
import { type Answered, type Asked, type SignedServer, signedServer } from '../examples/signed-server.ts';
import { Stage } from './stage.ts';

const SECRET = 'the-secret-of-the-inventory';
const mac = (unit: number, card = 1) => `52:54:00:fe:0${unit}:0${card}`;
const NOBODY = '11111111-2222-4333-8444-555555555555';

interface Machine {
  macs: string[];
  serial: string;
}
const inventoryOf = ({ macs, serial }: Machine): JsonObject => ({
  interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address, has_carrier: true })),
  cpu: { count: 64, architecture: 'x86_64' },
  memory: { physical_mb: 262_144 },
  disks: [{ name: '/dev/sda', size: 480_103_981_056 }],
  system_vendor: { product_name: 'R1', manufacturer: 'Example', serial_number: serial },
});

describe('an inventory service that answers both hooks, over HTTP', () => {
  let stage: Stage;
  let server: SignedServer;
  const servers = new Map<string, Server>();
  const honest = fuelInventory(servers);
  let behaves: (asked: Asked) => Promise<Answered> = honest;
  before(async () => {
    server = await signedServer(SECRET, (asked) => behaves(asked));
    stage = await Stage.open(await exampleConfiguration('fuel-inventory', server.url, { FUEL_SECRET: SECRET }));
  });
  after(async () => {
    await stage.close();
    await server.close();
  });

  /** Posts its inventory; after a 404 it looks up by its MACs, as a ramdisk does, which undoes nothing. */
  async function boot(machine: Machine, lookedUp: 404 | 200 = 404) {
    const response = await fetch(`${stage.runtime.agentUrl}/v1/continue_inspection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inventory: inventoryOf(machine), error: null }),
    });
    const text = await response.text();
    if (response.status === 404) {
      const before = await rowOf(machine.macs[0] ?? '');
      assert.equal((await lookup(machine.macs.join(','))).status, lookedUp);
      const { state, reason, serial } = await rowOf(machine.macs[0] ?? '');
      assert.deepEqual([state, reason, serial], [before.state, before.reason, machine.serial]);
    }
    return { status: response.status, uuid: JSON.parse(text).uuid as string | undefined, text };
  }
  async function rowOf(address: string): Promise<JsonObject> {
    const { inbox } = await stage.operator('GET', `/v1/nodeless/inbox?state=all&mac=${address}`, 200);
    const [row] = inbox as JsonObject[];
    assert.ok(row, `${address} is in the inbox`);
    return row;
  }
  const lookup = (address: string) =>
    fetch(`${stage.runtime.agentUrl}/v1/lookup?addresses=${address}`, {
      headers: { 'x-openstack-ironic-api-version': '1.68' },
    });
  const print = (lines: readonly JsonValue[]) => {
    for (const line of lines) process.stdout.write(`    # ${line}\n`);
  };

  /** The row of the inbox that this machine has, with its explanation on the screen. */
  async function waits(address: string): Promise<JsonObject> {
    const row = await rowOf(address);
    const explained = await stage.operator('GET', `/v1/nodeless/explain/${row.uuid}`, 200);
    print([String(explained.outcome), ...(explained.reasons as string[])]);
    return { ...row, reasons: explained.reasons ?? [] };
  }
  const saidBy = (row: JsonObject): string => (row.reasons as string[]).join('\n');

  it('is the only hook that a stored policy may name', async () => {
    const policy = { name: 'asks', outcome: 'hook', hook: { name: 'fuel' }, priority: 1000 };
    await stage.operator('POST', '/v1/nodeless/policies', 201, policy);
    const renamed = [{ op: 'replace', path: '/hook', value: { name: 'feul' } }];
    const refused = await stage.operator('PATCH', '/v1/nodeless/policies/asks', 400, renamed);
    assert.match(String(refused.error_message), /no hook feul is declared; of the configuration's hooks: fuel/);
    await stage.operator('POST', '/v1/nodeless/policies', 400, { ...policy, name: 'typo', hook: { name: 'feul' } });
    await stage.operator('DELETE', '/v1/nodeless/policies/asks', 204);
  });

  it('enrols what it has bought, as what it was bought for', async () => {
    servers.set('buy-1', { serial: 'buy-1', role: 'compute' });
    const { uuid } = await boot({ macs: [mac(1)], serial: 'BUY-1' });
    const node = await stage.node(String(uuid));
    assert.deepEqual(
      [node.name, node.resource_class, node.traits, node.provision_state],
      ['compute-buy-1', 'compute', ['CUSTOM_COMPUTE'], 'available'],
    );
    assert.equal((node.properties as JsonObject).fuel_role, 'compute');
    const explained = await stage.operator('GET', `/v1/nodeless/explain/${uuid}`, 200);
    print((explained.reasons ?? []) as string[]);
    assert.match(JSON.stringify(explained), /hook fuel says enroll: bought as compute/);
  });

  it('holds what it does not know', async () => {
    assert.equal((await boot({ macs: [mac(2)], serial: 'ALIEN-2' })).status, 404);
    assert.match(saidBy(await waits(mac(2))), /hook fuel says hold: not bought by us/);
  });

  it('says which node a machine is after a technician has changed everything that could match', async () => {
    const { uuid } = await boot({ macs: [mac(1)], serial: 'BUY-1' });
    servers.set('spare-3', { serial: 'spare-3', role: 'compute', isNode: String(uuid) });
    const again = await boot({ macs: [mac(3)], serial: 'SPARE-3' });
    assert.equal(again.uuid, uuid);
    const { history } = await stage.operator('GET', `/v1/nodes/${uuid}/history?detail=true`, 200);
    assert.ok((history as JsonObject[]).length > 0);
  });

  it('turns away what was scrapped, with the answer that a held machine gets', async () => {
    servers.set('old-4', { serial: 'old-4', role: 'storage', scrapped: true });
    const denied = await boot({ macs: [mac(4)], serial: 'OLD-4' });
    const held = await boot({ macs: [mac(4, 2)], serial: 'ALIEN-4' });
    assert.deepEqual([denied.status, denied.text], [held.status, held.text]);
    const row = await waits(mac(4));
    assert.equal(row.state, 'denied');
    assert.match(saidBy(row), /hook fuel says deny: old-4 was scrapped/);
  });

  const lies: [what: string, purpose: 'match' | 'enroll', () => JsonValue, because: RegExp][] = [
    ['names a node that does not exist', 'match', () => ({ verdict: 'match', node: NOBODY }), /which does not exist/],
    ['answers with another shape', 'match', () => ({ verdict: ['match'], node: 7 }), /does not fit the schema/],
    ['answers with a list', 'match', () => [1, 2, 3], /does not fit the schema/],
    ['answers with more than 256 KB', 'match', () => 'x'.repeat(300_000), /larger than 256 KB/],
    [
      'names a driver that there is not',
      'enroll',
      () => ({ outcome: 'enroll', node: { driver: 'x' } }),
      /a driver that/,
    ],
    [
      'wants to set what it may not',
      'enroll',
      () => ({ outcome: 'enroll', node: { driver_info: { a: 1 } } }),
      /does not fit the schema/,
    ],
    ['gives code for a name', 'enroll', () => ({ outcome: 'enroll', node: { name: '{constructor}' } }), /does not fit/],
    [
      'would fill the table',
      'enroll',
      () => ({ outcome: 'enroll', node: { properties: { a: 'x'.repeat(100_000) } } }),
      /larger than a node may be/,
    ],
  ];
  for (const [at, [what, purpose, body, because]] of lies.entries()) {
    it(`that ${what} is not believed: the machine is held, and the reason says why`, async () => {
      behaves = async (asked) => (asked.purpose === purpose ? { body: body() } : honest(asked));
      const machine = { macs: [`52:54:00:fe:10:0${at}`], serial: `LIE-${at}` };
      assert.equal((await boot(machine)).status, 404);
      const row = await waits(machine.macs[0] ?? '');
      assert.match(saidBy(row), because);
      assert.match(saidBy(row), /hook fuel gave no usable answer \(.*\), so: hold/);
      behaves = honest;
    });
  }

  it('may not call a machine nobody’s that shows the MAC of a node and the serial number of another', async () => {
    const [a, b] = await Promise.all([
      stage.nodeWith(mac(5), { properties: { serial_number: 'NODE-5' } }),
      stage.nodeWith(mac(6), { properties: { serial_number: 'NODE-6' } }),
    ]);
    behaves = async () => ({ body: { verdict: 'none' } });
    assert.equal((await boot({ macs: [mac(5)], serial: 'NODE-6' }, 200)).status, 404);
    const row = await waits(mac(5));
    assert.match(saidBy(row), /it says that the machine is nobody’s, and it shows what a node has/);
    for (const uuid of [a, b]) assert.equal((await stage.node(uuid)).uuid, uuid);
    behaves = honest;
  });

  it('that is slow costs its time-out and no more', async () => {
    behaves = () => new Promise(() => undefined);
    assert.equal((await boot({ macs: [mac(7)], serial: 'SLOW-7' })).status, 404);
    assert.match(saidBy(await waits(mac(7))), /no usable answer \(no answer in time\), so: hold/);
    behaves = honest;
  });

  it('that refuses is told with its words', async () => {
    behaves = async () => ({ status: 503, body: { message: 'the database of the inventory is being moved' } });
    assert.equal((await boot({ macs: [mac(8)], serial: 'BUSY-8' })).status, 404);
    assert.match(saidBy(await waits(mac(8))), /the database of the inventory is being moved/);
    behaves = honest;
  });

  it('that is down holds strangers, and known machines do not notice', async () => {
    const { uuid } = await boot({ macs: [mac(1)], serial: 'BUY-1' });
    const asked = server.asked.length;
    await server.close();
    assert.equal((await boot({ macs: [mac(9)], serial: 'DOWN-9' })).status, 404);
    assert.match(saidBy(await waits(mac(9))), /it was not reached \(ECONNREFUSED\)/);
    const found = await lookup(mac(1));
    assert.equal(found.status, 200);
    assert.equal(((await found.json()) as { node: JsonObject }).node.uuid, uuid);
    assert.equal(server.asked.length, asked);
  });
});
