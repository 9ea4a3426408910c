import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityKey } from '../../shared/node/node-store.ts';
import { aMac, aNode, aPort, type OpenStores } from './stores.ts';

export function identityIndexContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Awaited<ReturnType<OpenStores>>) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => work(await open()));
  const key = (kind: IdentityKey['kind'], value: string): IdentityKey => ({ kind, value });

  it('MACs and serials lead to their node, whatever the case of the serial', async ({ nodes, identity }) => {
    const node = aNode();
    const port = aPort(node);
    node.properties = { serial_number: ` SN-${port.address.toUpperCase()} ` };
    await nodes.create(node, [port]);
    const keys = [key('mac', port.address), key('serial', `sn-${port.address}`), key('mac', aMac())];
    const expected = keys.slice(0, 2).map((one) => ({ key: one, node: node.uuid }));
    assert.deepEqual(await identity.candidates(keys), expected);
    assert.deepEqual(
      (await identity.claims(keys)).sort((a, b) => (a.key.kind < b.key.kind ? -1 : 1)),
      expected,
    );
  });

  it('a serial of two nodes finds both, and its claim is shared for good, also when one has gone', async ({
    nodes,
    identity,
  }) => {
    const serial = `oem-${aMac()}`;
    const properties = { serial_number: serial, system_uuid: `UUID-${serial}` };
    const first = await nodes.create(aNode({ properties }), []);
    const keys = [key('serial', serial), key('system_uuid', `uuid-${serial}`)];
    assert.deepEqual(
      (await identity.claims(keys)).map((hit) => hit.shared),
      [undefined, undefined],
    );
    const others = await Promise.all([1, 2, 3].map(() => nodes.create(aNode({ properties }), [])));
    const shared = async () => (await identity.claims(keys)).map((hit) => hit.shared);
    assert.deepEqual(await shared(), [true, true]);
    const hits = await identity.candidates(keys.slice(0, 1));
    assert.deepEqual(hits.map((hit) => hit.node).sort(), [first, ...others].map((node) => node.uuid).sort());
    await nodes.remove(first);
    assert.deepEqual(await shared(), [true, true]);
  });

  it('a serial that is corrected in the row is claimed, and the old one is free', async ({ nodes, identity }) => {
    const serial = `sn-${aMac()}`;
    const node = await nodes.create(aNode({ properties: { serial_number: `${serial}-old` } }), []);
    await nodes.replace({ ...node, properties: { serial_number: serial } });
    const keys = [key('serial', serial), key('serial', `${serial}-old`)];
    assert.deepEqual(await identity.claims(keys), [{ key: keys[0], node: node.uuid }]);
    assert.deepEqual(await identity.candidates(keys), [{ key: keys[0], node: node.uuid }]);
  });

  it('kinds without an index are found by their claim, which follows the row', async ({ nodes, identity }) => {
    const mark = aMac();
    const properties = { asset_tag: `Tag ${mark}`, board_serial: `B-${mark}`, bmc_mac: mark.toUpperCase() };
    const node = await nodes.create(aNode({ properties }), []);
    const keys = [key('asset_tag', `tag ${mark}`), key('board_serial', `b-${mark}`), key('bmc_mac', mark)];
    const found = (await identity.candidates(keys)).map((hit) => hit.key.kind).sort();
    assert.deepEqual(found, ['asset_tag', 'bmc_mac', 'board_serial']);
    await nodes.replace({ ...node, properties: { ...properties, asset_tag: `new ${mark}` } });
    const moved = [key('asset_tag', `new ${mark}`), key('asset_tag', `tag ${mark}`)];
    assert.deepEqual(await identity.candidates(moved), [{ key: moved[0], node: node.uuid }]);
  });

  it('what vendors write when they write nothing is not claimed', async ({ nodes, identity }) => {
    const properties = { serial_number: 'To be filled by O.E.M.', system_uuid: '00000000-0000-0000-0000-000000000000' };
    await nodes.create(aNode({ properties }), []);
    const keys = [key('serial', 'to be filled by o.e.m.'), key('system_uuid', properties.system_uuid)];
    assert.deepEqual(await identity.candidates(keys), []);
    assert.deepEqual(await identity.claims(keys), []);
  });

  it('what identifies nothing is not indexed', async ({ nodes, identity }) => {
    await nodes.create(aNode({ properties: { serial_number: '  ', system_uuid: 7 } }), []);
    assert.deepEqual(await identity.candidates([key('serial', ''), key('asset_tag', 'x')]), []);
    assert.deepEqual(await identity.claims([key('serial', ''), key('asset_tag', 'x')]), []);
    assert.deepEqual(await identity.claims([]), []);
  });

  it('120 claims are read in one go', async ({ nodes, identity }) => {
    const node = aNode();
    const ports = [aPort(node), aPort(node)];
    await nodes.create(node, ports);
    const strangers = Array.from({ length: 118 }, () => key('mac', aMac()));
    const keys = [...strangers, ...ports.map((port) => key('mac', port.address))];
    assert.equal((await identity.claims(keys)).length, 2);
  });
}
