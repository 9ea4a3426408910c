import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Decision } from '../../shared/identity/decide.ts';
import { evidenceFromInventory } from '../../shared/identity/from-inventory.ts';
import { identify } from '../../shared/identity/identify.ts';
import type { JsonObject } from '../../shared/json.ts';
import { Stage } from './stage.ts';

/** What a scenario changes of a machine; the rest is the same server of one rack. */
interface Hardware {
  macs: string[];
  serial?: string;
  uuid?: string;
  board?: string;
  bmc?: string;
  disks?: string[];
}

function inventoryOf({ macs, serial, uuid, board, bmc, disks = [] }: Hardware): JsonObject {
  return {
    interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address, has_carrier: true })),
    cpu: { count: 64, architecture: 'x86_64', model_name: 'Example CPU' },
    memory: { physical_mb: 262_144 },
    disks: disks.map((one, i) => ({ name: `/dev/sd${i}`, size: 480_103_981_056, serial: one })),
    bmc_address: '0.0.0.0',
    ...(bmc === undefined ? {} : { bmc_mac: bmc }),
    system_vendor: {
      product_name: 'R1',
      manufacturer: 'Example',
      ...(serial === undefined ? {} : { serial_number: serial }),
      ...(uuid === undefined ? {} : { system_uuid: uuid }),
      ...(board === undefined ? {} : { board_serial: board }),
    },
  };
}

const mac = (rack: number, unit: number, card = 1) =>
  `52:54:00:${[rack, unit, card].map((part) => part.toString(16).padStart(2, '0')).join(':')}`;

describe('identity, over HTTP', () => {
  let stage: Stage;
  before(async () => {
    const enrollment = { unknown: 'enroll', driver: 'manual', state: 'available' } as const;
    const limits = { enrolmentsPerMinute: 1000 };
    stage = await Stage.open({ configuration: { enrollment, limits, inbox: { perMinute: 1000 } } });
  });
  after(() => stage.close());

  /** What the product would say of this machine now. */
  async function explain(hardware: Hardware): Promise<Decision> {
    const decision = await identify(evidenceFromInventory(inventoryOf(hardware)), stage.runtime.services);
    for (const line of decision.reasons) process.stdout.write(`    # ${line}\n`);
    return decision;
  }

  /**
   * Posts its inventory and, when that is answered 404, looks up by its MACs, as a ramdisk does; the uuid that the
   * inventory was answered, or undefined. The lookup finds no more than the inventory did, unless a MAC is a node's.
   */
  async function boot(hardware: Hardware, lookedUp: 404 | 200 = 404): Promise<string | undefined> {
    const body = JSON.stringify({ inventory: inventoryOf(hardware), error: null });
    const response = await fetch(`${stage.runtime.agentUrl}/v1/continue_inspection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const told = (await response.json()) as { uuid?: string };
    assert.ok([200, 404].includes(response.status), `${response.status} ${JSON.stringify(told)}`);
    if (response.status === 200) return told.uuid;
    const before = (await nodes()).length;
    for (const _ of [1, 2]) assert.equal((await lookup(hardware.macs.join(','))).status, lookedUp);
    assert.equal((await nodes()).length, before);
    return undefined;
  }

  const lookup = (address: string) =>
    fetch(`${stage.runtime.agentUrl}/v1/lookup?addresses=${address}`, {
      headers: { 'x-openstack-ironic-api-version': '1.68' },
    });
  const nodes = async () => (await stage.operator('GET', '/v1/nodes', 200))['nodes'] as JsonObject[];
  const events = async (uuid: string) => stage.runtime.services.nodes.events(uuid);

  it('a swapped NIC keeps the node: one of two, then the only other one', async () => {
    const machine = { macs: [mac(1, 1), mac(1, 1, 2)], serial: 'NIC-1', disks: ['N1-D0', 'N1-D1'], bmc: mac(1, 1, 9) };
    const uuid = await boot(machine);
    assert.ok(uuid);
    const oneNew = { ...machine, macs: [mac(1, 1), mac(1, 1, 3)] };
    assert.match((await explain(oneNew)).reasons.join('\n'), /1 of 6 identifiers moved: MAC/);
    assert.equal(await boot(oneNew), uuid);
    const allNew = { ...machine, macs: [mac(1, 1, 5), mac(1, 1, 6)] };
    const decision = await explain(allNew);
    assert.equal(decision.verdict, 'match');
    assert.match(decision.reasons.join('\n'), /against: MAC/);
    assert.equal(await boot(allNew), uuid);
    // The agent's own lookup, by MAC only, finds it now; the old ports stay until their operator removes them.
    assert.equal((await lookup(mac(1, 1, 5))).status, 200);
    assert.equal((await stage.runtime.services.nodes.get(uuid))?.macs.length, 5);
    const learned = (await events(uuid)).filter(({ event_type }) => event_type === 'learned');
    assert.equal(learned.length, 2);
    assert.match(learned[1]?.event ?? '', /learned the MACs .*; hardware was replaced: MAC/);
  });

  it('a swapped NIC keeps the node, the only one of a machine with one disk', async () => {
    const machine = { macs: [mac(12, 1)], serial: 'NIC-2', disks: ['N2-D0'] };
    const uuid = await boot(machine);
    assert.ok(uuid);
    const swapped = { ...machine, macs: [mac(12, 2)] };
    assert.match((await explain(swapped)).reasons.join('\n'), /identifiers moved: MAC/);
    assert.equal(await boot(swapped), uuid);
    assert.equal((await lookup(mac(12, 2))).status, 200);
  });

  it('a swap that leaves too little waits for a person, and its lookups by MAC make no second node of it', async () => {
    const machine = { macs: [mac(6, 1)], serial: 'ONLY-NIC' };
    const uuid = await boot(machine);
    assert.ok(uuid);
    const swapped = { ...machine, macs: [mac(6, 2)] };
    assert.equal((await explain(swapped)).verdict, 'conflict');
    assert.equal(await boot(swapped), undefined);
    const { inbox } = await stage.operator('GET', `/v1/nodeless/inbox?state=conflict&mac=${mac(6, 2)}`, 200);
    const [row] = inbox as JsonObject[];
    assert.deepEqual([row?.['serial'], row?.['candidates']], ['ONLY-NIC', [uuid]]);
    const again = await stage.operator('GET', `/v1/nodeless/explain/${row?.['uuid']}?replay=true`, 200);
    assert.match(String(again['outcome']), /50 points short/);
    assert.equal((again['replay'] as JsonObject)['changed'], false);
    await stage.operator('POST', `/v1/nodeless/inbox/${row?.['uuid']}/approve`, 200, { node: uuid });
    assert.equal((await lookup(mac(6, 2))).status, 200);
    assert.equal(await boot(swapped), uuid);
  });

  it('a swapped board keeps the node, and the new one is learned', async () => {
    const machine = {
      macs: [mac(2, 1), mac(2, 1, 2)],
      serial: 'BOARD-1',
      uuid: '7d4f8c1a-3b5e-4f60-9a7b-c8d9e0f1a201',
      board: 'OLD-BOARD',
      disks: ['B1-D0', 'B1-D1', 'B1-D2'],
      bmc: mac(2, 1, 9),
    };
    const uuid = await boot(machine);
    assert.ok(uuid);
    // The service technician wrote the serial number into the new board; a network card in a slot stayed.
    const swapped = {
      ...machine,
      macs: [mac(2, 1, 2), mac(2, 1, 3)],
      uuid: '7d4f8c1a-3b5e-4f60-9a7b-c8d9e0f1a202',
      board: 'NEW-BOARD',
      bmc: mac(2, 1, 8),
    };
    const decision = await explain(swapped);
    assert.match(
      decision.reasons.join('\n'),
      /4 of 9 identifiers moved: .*system UUID .*; board serial OLD-BOARD → NEW-BOARD/,
    );
    assert.equal(await boot(swapped), uuid);
    const node = await stage.node(uuid);
    assert.equal((node['properties'] as JsonObject)['board_serial'], 'NEW-BOARD');
    assert.match(JSON.stringify((await explain(swapped)).explanation.candidates[0]?.moved), /mac/);
    const replaced = (await events(uuid)).find(({ event_type }) => event_type === 'learned');
    assert.match(JSON.stringify(replaced?.detail), /OLD-BOARD/);
  });

  it('forty machines with one UUID are forty nodes, and their UUID decides nothing', async () => {
    const cloned = '11112222-3333-4444-5555-666677778888';
    const machines = Array.from({ length: 40 }, (_, unit) => ({
      macs: [mac(3, unit)],
      serial: `CLONE-${unit}`,
      uuid: cloned,
      disks: [`C${unit}-D0`],
    }));
    const first: (string | undefined)[] = [];
    for (const machine of machines) first.push(await boot(machine));
    assert.equal(new Set(first).size, 40);
    assert.ok(!first.includes(undefined));
    const [one] = machines;
    assert.ok(one);
    const decision = await explain(one);
    assert.match(decision.reasons.join('\n'), /system UUID .* is ignored: it is marked as shared by several nodes/);
    // Each one keeps its node when it boots again, also all at once.
    assert.deepEqual(await Promise.all(machines.map((one) => boot(one))), first);
  });

  const rackOf = (rack: number, more: (unit: number) => Partial<Hardware>): [Hardware, Hardware, ...Hardware[]] => {
    const one = (unit: number): Hardware => ({ macs: [mac(rack, unit)], ...more(unit) });
    return [one(0), one(1), ...Array.from({ length: 38 }, (_, unit) => one(unit + 2))];
  };

  const CLONES: [string, Partial<Hardware>][] = [
    ['that nobody filled in', { uuid: '11112222-3333-4444-5555-666677778801', serial: 'To be filled by O.E.M.' }],
    ['that is missing', { uuid: '11112222-3333-4444-5555-666677778802' }],
  ];
  for (const [rack, [what, same]] of CLONES.entries()) {
    it(`forty machines with one UUID and a serial number ${what} are forty nodes`, async () => {
      const machines = rackOf(32 + rack, (unit) => ({ ...same, disks: [`CLONE-${rack}-${unit}`] }));
      const nodes = [await boot(machines[0])];
      assert.match((await explain(machines[1])).reasons[0] ?? '', /the system UUID of node .* is cloned/);
      for (const machine of machines.slice(1)) nodes.push(await boot(machine));
      assert.equal(new Set(nodes).size, 40);
      assert.ok(!nodes.includes(undefined));
      assert.match((await explain(machines[1])).reasons.join('\n'), /is ignored: it is marked as shared/);
      assert.deepEqual(await Promise.all(machines.map((machine) => boot(machine))), nodes);
    });
  }

  const DOUBTFUL: [string, (unit: number) => Partial<Hardware>][] = [
    ['one UUID and nothing else to compare', () => ({ uuid: '11112222-3333-4444-5555-666677778804', serial: 'NA' })],
    ['one serial number that no list knows', (unit) => ({ serial: 'SAME-ON-ALL', disks: [`SAME-${unit}`] })],
  ];
  for (const [rack, [what, more]] of DOUBTFUL.entries()) {
    it(`forty machines with ${what} take one decision of a person: they may be one with other cards`, async () => {
      const machines = rackOf(36 + rack, more);
      const nodes = [await boot(machines[0])];
      for (const machine of machines.slice(1)) assert.equal(await boot(machine), undefined);
      const decision = await explain(machines[1]);
      assert.equal(decision.verdict === 'conflict' && decision.because, 'weak');
      const [second] = machines[1].macs;
      const { inbox } = await stage.operator('GET', `/v1/nodeless/inbox?mac=${second}`, 200);
      const [row] = inbox as JsonObject[];
      await stage.operator('POST', `/v1/nodeless/inbox/${row?.['uuid']}/approve`, 200, { reason: 'another machine' });
      for (const machine of machines.slice(1)) nodes.push(await boot(machine));
      assert.equal(new Set(nodes).size, 40);
      assert.ok(!nodes.includes(undefined));
      const left = await stage.operator('GET', `/v1/nodeless/inbox?mac=${mac(36 + rack, 0).slice(0, -6)}*`, 200);
      assert.deepEqual(left['inbox'], []);
    });
  }

  for (const cards of [1, 2]) {
    it(`a swapped chassis keeps the node of a small machine with ${cards} MAC and one disk`, async () => {
      const macs = Array.from({ length: cards }, (_, card) => mac(11, cards, card));
      const machine = { macs, serial: `CHASSIS-${cards}`, disks: [`CH-${cards}`] };
      const uuid = await boot(machine);
      assert.ok(uuid);
      const swapped = { ...machine, serial: `CHASSIS-${cards}-NEW` };
      const moved = new RegExp(`identifiers moved: serial number CHASSIS-${cards} → CHASSIS-${cards}-NEW`);
      assert.match((await explain(swapped)).reasons.join('\n'), moved);
      assert.equal(await boot(swapped), uuid);
      // Without its disk it may be a card in another machine.
      assert.equal(await boot({ ...swapped, disks: [`CH-${cards}-OTHER`] }, 200), undefined);
    });
  }

  it('two machines with each other’s MAC are a conflict for both: neither gets a node, nothing moves', async () => {
    const a = { macs: [mac(4, 1)], serial: 'SWAP-A', disks: ['SA'] };
    const b = { macs: [mac(4, 2)], serial: 'SWAP-B', disks: ['SB'] };
    const uuids = [await boot(a), await boot(b)];
    assert.ok(uuids[0] && uuids[1] && uuids[0] !== uuids[1]);
    const before = await Promise.all(uuids.map((uuid) => stage.node(String(uuid))));
    const crossed = [
      { ...a, macs: b.macs },
      { ...b, macs: a.macs },
    ];
    for (const machine of crossed) {
      const decision = await explain(machine);
      assert.equal(decision.verdict === 'conflict' && decision.because, 'several');
      // A MAC is its node's, whoever says it: else a stranger could shut the node's machine out.
      assert.equal(await boot(machine, 200), undefined);
    }
    assert.deepEqual(await Promise.all(uuids.map((uuid) => stage.node(String(uuid)))), before);
    // So the history of both says that somebody contradicts them.
    for (const [at, uuid] of uuids.entries()) {
      const [told, ...more] = (await events(String(uuid))).filter(({ event_type }) => event_type === 'conflict');
      assert.match(String(told?.event), /shows values of/);
      assert.deepEqual([typeof told?.detail['submission'], told?.detail['address'], more], ['string', '127.0.0.1', []]);
      const why = await stage.operator('GET', `/v1/nodeless/explain/${uuid}`, 200);
      assert.match(
        String(why['outcome']),
        /^Enrolled by its own report/,
        `${at}: what a stranger showed stands behind`,
      );
    }
  });

  it('a stranger who has read a serial number on a sticker gets the same 404 as anybody', async () => {
    const uuid = await boot({ macs: [mac(5, 1)], serial: 'STICKER-1', disks: ['ST'] });
    assert.ok(uuid);
    const before = (await nodes()).length;
    const stranger = { macs: [mac(5, 7)], serial: 'STICKER-1' };
    const decision = await explain(stranger);
    assert.equal(decision.verdict === 'conflict' && decision.because, 'weak');
    assert.equal(await boot(stranger), undefined);
    const response = await fetch(`${stage.runtime.agentUrl}/v1/lookup?serial=STICKER-1`, {
      headers: { 'x-openstack-ironic-api-version': '1.68' },
    });
    assert.equal(response.status, 404);
    assert.doesNotMatch(await response.text(), new RegExp(uuid));
    assert.equal((await nodes()).length, before);
  });
});
