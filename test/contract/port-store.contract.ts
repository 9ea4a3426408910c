import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimTaken, VersionConflict } from '../../shared/errors.ts';
import { aMac, aNode, aPort, type OpenStores, outcomes } from './stores.ts';

export function portStoreContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Awaited<ReturnType<OpenStores>>) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => work(await open()));

  it('a port that is added is listed by its node', async ({ nodes, ports }) => {
    const node = await nodes.create(aNode(), []);
    const port = aPort(node, aMac(), { extra: { slot: 1 } });
    assert.deepEqual(await ports.create(port), port);
    assert.deepEqual(await ports.get(port.uuid), port);
    assert.deepEqual((await nodes.get(node.uuid))?.macs, [port.address]);
    assert.ok((await ports.list()).some((one) => one.uuid === port.uuid));
    assert.deepEqual(await ports.many([port.uuid, node.uuid]), [port]);
    await assert.rejects(nodes.replace(node), VersionConflict);
  });

  it('a port of a node that is gone is refused', async ({ nodes, ports }) => {
    const node = await nodes.create(aNode(), []);
    await nodes.remove(node);
    const port = aPort(node);
    await assert.rejects(ports.create(port), VersionConflict);
    assert.equal(await ports.get(port.uuid), undefined);
    assert.equal(await nodes.get(node.uuid), undefined);
  });

  it('of 32 ports with one address one is created', async ({ nodes, ports }) => {
    const mac = aMac();
    const owners = await Promise.all(Array.from({ length: 32 }, () => nodes.create(aNode(), [])));
    const counts = await outcomes(owners.map((node) => ports.create(aPort(node, mac))));
    assert.deepEqual(counts, { ok: 1, ClaimTaken: 31 });
  });

  it('of 16 ports with one name one is created, and of 16 that are renamed to it none', async ({ nodes, ports }) => {
    const owners = await Promise.all(Array.from({ length: 16 }, () => nodes.create(aNode(), [])));
    const name = `uplink-${owners[0]?.uuid}`;
    const counts = await outcomes(owners.map((node) => ports.create(aPort(node, aMac(), { name }))));
    assert.deepEqual(counts, { ok: 1, ClaimTaken: 15 });
    const named = await ports.byName(name);
    assert.equal(named?.name, name);
    const others = await Promise.all(owners.map((node) => ports.create(aPort(node))));
    const late = await outcomes(others.map((port) => ports.replace({ ...port, name })));
    assert.deepEqual(late, { ClaimTaken: 16 });
    assert.deepEqual(await ports.byName(name), named);
  });

  it('of 8 ports that are renamed to one free name at once one gets it', async ({ nodes, ports }) => {
    const owners = await Promise.all(Array.from({ length: 8 }, () => nodes.create(aNode(), [])));
    const others = await Promise.all(owners.map((node) => ports.create(aPort(node))));
    const name = `free-${owners[0]?.uuid}`;
    assert.deepEqual(await outcomes(others.map((port) => ports.replace({ ...port, name }))), { ok: 1, ClaimTaken: 7 });
  });

  it('a name is free again when its port is renamed, removed or goes with its node', async ({ nodes, ports }) => {
    const node = aNode();
    const [name, other] = [`a-${node.uuid}`, `b-${node.uuid}`];
    const port = aPort(node, aMac(), { name });
    await nodes.create(node, [port]);
    const renamed = await ports.replace({ ...port, name: other, description: 'both' });
    assert.deepEqual([await ports.byName(name), await ports.byName(other)], [undefined, renamed]);
    const moved = await ports.replace({ ...renamed, address: aMac(), name });
    assert.deepEqual(await ports.byName(name), moved);
    await ports.remove(moved);
    assert.equal(await ports.byName(name), undefined);
    await ports.create({ ...aPort(node, aMac(), { name }) });
    const now = await nodes.get(node.uuid);
    assert.ok(now);
    await nodes.remove(now);
    const [next, again] = [aNode(), aNode()];
    await nodes.create(next, [aPort(next, aMac(), { name })]);
    await assert.rejects(nodes.create(again, [aPort(again, aMac(), { name })]), ClaimTaken);
    assert.equal(await nodes.get(again.uuid), undefined);
    assert.equal(await ports.byName(''), undefined);
  });

  it('a name goes along when the port gets another node', async ({ nodes, ports }) => {
    const [from, to] = [aNode(), aNode()];
    const port = aPort(from, aMac(), { name: `along-${from.uuid}` });
    const node = await nodes.create(from, [port]);
    const gaining = await nodes.create(to, []);
    await nodes.takeOver(gaining, { events: [], add: [], drop: [], move: [port], losers: [{ node, events: [] }] });
    assert.equal((await ports.byName(port.name ?? ''))?.node_uuid, to.uuid);
    assert.deepEqual(await ports.ofNode(from.uuid), []);
  });

  it('an edited port names the version that was read', async ({ nodes, ports }) => {
    const node = aNode();
    const port = aPort(node);
    await nodes.create(node, [port]);
    const edited = await ports.replace({ ...port, description: 'left' });
    assert.deepEqual(edited, { ...port, description: 'left', version: 2 });
    await assert.rejects(ports.replace({ ...port, description: 'late' }), VersionConflict);
    assert.deepEqual(await ports.get(port.uuid), edited);
  });

  it('a changed address moves the claim and the MAC of the node', async ({ nodes, ports, identity }) => {
    const node = aNode();
    const port = aPort(node);
    const other = aPort(node);
    await nodes.create(node, [port, other]);
    const fresh = aMac();
    const stored = await ports.replace({ ...port, address: fresh });
    assert.deepEqual(await ports.get(port.uuid), stored);
    assert.deepEqual((await nodes.get(node.uuid))?.macs, [fresh, other.address].sort());
    const keys = [port.address, fresh].map((value) => ({ kind: 'mac', value }) as const);
    assert.deepEqual(
      (await identity.claims(keys)).map((hit) => hit.key.value),
      [fresh],
    );
    await assert.rejects(ports.replace({ ...stored, address: other.address }), ClaimTaken);
  });

  it('a port that moves to another node takes its MAC along', async ({ nodes, ports, identity }) => {
    const [from, to] = [aNode(), aNode()];
    const port = aPort(from);
    await nodes.create(from, [port]);
    await nodes.create(to, []);
    await ports.replace({ ...port, node_uuid: to.uuid });
    assert.deepEqual((await nodes.get(from.uuid))?.macs, []);
    assert.deepEqual((await nodes.get(to.uuid))?.macs, [port.address]);
    const key = { kind: 'mac', value: port.address } as const;
    assert.deepEqual(await identity.claims([key]), [{ key, node: to.uuid }]);
  });

  it('a removed port frees its address', async ({ nodes, ports }) => {
    const node = aNode();
    const port = aPort(node);
    await nodes.create(node, [port]);
    await assert.rejects(ports.remove({ ...port, version: 7 }), VersionConflict);
    await ports.remove(port);
    assert.equal(await ports.get(port.uuid), undefined);
    assert.deepEqual((await nodes.get(node.uuid))?.macs, []);
    await assert.rejects(ports.replace(port), VersionConflict);
    await ports.create(aPort(node, port.address));
  });
}
