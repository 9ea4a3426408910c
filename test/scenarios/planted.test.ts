import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '../../shared/json.ts';
import { Stage } from './stage.ts';

interface Shown {
  macs: string[];
  serial?: string;
  tpm?: string;
  disks?: string[];
  bmc?: string;
}
const inventoryOf = ({ macs, serial, tpm, disks = [], bmc }: Shown): JsonObject => ({
  interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address })),
  disks: disks.map((one, i) => ({ name: `/dev/sd${i}`, size: 480_103_981_056, serial: one })),
  ...(bmc === undefined ? {} : { bmc_mac: bmc }),
  system_vendor: {
    ...(serial === undefined ? {} : { serial_number: serial }),
    ...(tpm === undefined ? {} : { tpm_ek_hash: tpm }),
  },
});
const mac = (rack: number, unit: number) => `52:54:00:ab:0${rack}:0${unit}`;

describe('somebody who knows no more than a MAC, over HTTP', () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());

  async function post(shown: Shown): Promise<{ status: number; uuid: string | undefined }> {
    const response = await fetch(`${stage.runtime.agentUrl}/v1/continue_inspection`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inventory: inventoryOf(shown), error: null }),
    });
    return { status: response.status, uuid: ((await response.json()) as { uuid?: string }).uuid };
  }
  const lookup = (address: string) =>
    fetch(`${stage.runtime.agentUrl}/v1/lookup?addresses=${address}`, {
      headers: { 'x-openstack-ironic-api-version': '1.68' },
    });
  const macsOf = async (uuid: string) => (await stage.runtime.services.nodes.get(uuid))?.macs.toSorted();

  it('plants nothing: the real machine still is the node, and its neighbour becomes one of its own', async () => {
    const uuid = await stage.nodeWith(mac(1, 1));
    const planted = { macs: [mac(1, 1), mac(1, 2), mac(1, 3)], serial: 'PLANTED', tpm: 'planted' };
    assert.deepEqual(await post(planted), { status: 200, uuid }, 'the answer tells nothing');
    const node = await stage.node(uuid);
    assert.deepEqual([node['properties'], await macsOf(uuid)], [{}, [mac(1, 1)]]);
    const why = await stage.operator('GET', `/v1/nodeless/explain/${uuid}`, 200);
    assert.match(String(why['outcome']), /^Not learnt from an inventory: MAC .*serial_number/);
    assert.match(JSON.stringify(why['reasons']), /nothing is learnt: beside its MACs 0 of 100 points/);
    const length = (await stage.runtime.services.nodes.events(uuid)).length;
    await post({ ...planted, serial: 'PLANTED-AGAIN' });
    assert.equal((await stage.runtime.services.nodes.events(uuid)).length, length, 'told once an hour');

    assert.deepEqual(await post({ macs: [mac(1, 1)], serial: 'REAL', tpm: 'real' }), { status: 200, uuid });
    assert.equal((await lookup(mac(1, 1))).status, 200);
    const neighbour = await post({ macs: [mac(1, 2)], serial: 'NEIGHBOUR' });
    assert.equal(neighbour.status, 200);
    assert.notEqual(neighbour.uuid, uuid);
  });

  it('what its own inspection told speaks for the machine ever after, and against others', async () => {
    const given = { driver: 'fake-hardware', inspect_interface: 'agent' };
    const uuid = String((await stage.operator('POST', '/v1/nodes', 201, given))['uuid']);
    await stage.operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: mac(2, 1) });
    await stage.ask(uuid, 'manage');
    await stage.reached(uuid, 'manageable');
    await stage.ask(uuid, 'inspect');
    await stage.reached(uuid, 'inspect wait');
    const machine = { macs: [mac(2, 1), mac(2, 2)], serial: 'INSPECTED', tpm: 'own' };
    assert.deepEqual(await post(machine), { status: 200, uuid });
    const node = await stage.reached(uuid, 'manageable');
    assert.deepEqual(node['properties'], { serial_number: 'INSPECTED', tpm_ek_hash: 'own' });
    assert.deepEqual(await macsOf(uuid), machine.macs);
    assert.equal((await post({ ...machine, tpm: 'another' })).status, 404, 'a contradiction is held');
  });

  it('a machine that more than its MACs speak for teaches its new card, and no TPM key', async () => {
    const machine = { macs: [mac(3, 1)], serial: 'STRONG', disks: ['S1', 'S2'], bmc: mac(3, 9) };
    const { uuid } = await post(machine);
    assert.ok(uuid);
    const changed = { ...machine, macs: [mac(3, 1), mac(3, 2)], tpm: 'new' };
    assert.deepEqual(await post(changed), { status: 200, uuid });
    assert.deepEqual(await post({ macs: [mac(3, 1)] }), { status: 200, uuid });
    assert.deepEqual(await macsOf(uuid), changed.macs);
    assert.equal(((await stage.node(uuid))['properties'] as JsonObject)['tpm_ek_hash'], undefined);
    const why = await stage.operator('GET', `/v1/nodeless/explain/${uuid}`, 200);
    assert.match(JSON.stringify(why['reasons']), /but for its TPM key hash/);
  });
});
