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

  it('a serial of two nodes finds both and claims neither, also when one has gone', async ({ nodes, identity }) => {
    const serial = `oem-${aMac()}`;
    const properties = { serial_number: serial, system_uuid: `UUID-${serial}` };
    const first = await nodes.create(aNode({ properties }), []);
    const keys = [key('serial', serial), key('system_uuid', `uuid-${serial}`)];
    assert.equal((await identity.claims(keys)).length, 2);
    const others = await Promise.all([1, 2, 3].map(() => nodes.create(aNode({ properties }), [])));
    assert.deepEqual(await identity.claims(keys), []);
    const hits = await identity.candidates(keys);
    assert.deepEqual(hits.map((hit) => hit.node).sort(), [first, ...others].map((node) => node.uuid).sort());
    await nodes.remove(first);
    assert.deepEqual(await identity.claims(keys), []);
  });

  it('a serial that is corrected in the row is claimed, and the old one is free', async ({ nodes, identity }) => {
    const serial = `sn-${aMac()}`;
    const node = await nodes.create(aNode({ properties: { serial_number: `${serial}-old` } }), []);
    await nodes.replace({ ...node, properties: { serial_number: serial } });
    const keys = [key('serial', serial), key('serial', `${serial}-old`)];
    assert.deepEqual(await identity.claims(keys), [{ key: keys[0], node: node.uuid }]);
    assert.deepEqual(await identity.candidates(keys), [{ key: keys[0], node: node.uuid }]);
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
