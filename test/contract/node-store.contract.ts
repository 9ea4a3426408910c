import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClaimTaken, VersionConflict } from '../../shared/errors.ts';
import { aMac, aNode, anEvent, aPort, type OpenStores, outcomes } from './stores.ts';

export function nodeStoreContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Awaited<ReturnType<OpenStores>>) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => work(await open()));

  it('a created node is read as it was given, with its MACs', async ({ nodes }) => {
    const node = aNode({ extra: { rack: { unit: 12, spare: [null, true, 1.5] } }, name: `n-${aMac()}` });
    const ports = [aPort(node), aPort(node)];
    const stored = await nodes.create(node, ports);
    assert.deepEqual(stored, { ...node, macs: ports.map((port) => port.address).sort() });
    assert.deepEqual(await nodes.get(node.uuid), stored);
    assert.deepEqual(await nodes.byName(node.name ?? ''), stored);
  });

  it('a node that was never created is undefined, by uuid and by name', async ({ nodes }) => {
    assert.equal(await nodes.get(aNode().uuid), undefined);
    assert.equal(await nodes.get('not a uuid'), undefined);
    assert.equal(await nodes.get(''), undefined);
    assert.equal(await nodes.byName('nobody'), undefined);
    assert.equal(await nodes.byInstance(aNode().uuid), undefined);
  });

  it('a node is found by its instance while it has it', async ({ nodes }) => {
    const instance_uuid = aNode().uuid;
    const node = await nodes.create(aNode({ instance_uuid }), []);
    assert.deepEqual(await nodes.byInstance(instance_uuid), node);
    const free = await nodes.replace({ ...node, instance_uuid: null });
    assert.equal(await nodes.byInstance(instance_uuid), undefined);
    const taken = await nodes.replace({ ...free, instance_uuid });
    await nodes.remove(taken);
    assert.equal(await nodes.byInstance(instance_uuid), undefined);
  });

  it('many reads those that are there, and a list of parts has at least these parts', async ({ nodes }) => {
    const [one, other] = [await nodes.create(aNode({ extra: { a: 1 } }), []), await nodes.create(aNode(), [])];
    const found = await nodes.many([one.uuid, other.uuid, aNode().uuid]);
    assert.deepEqual(new Set(found), new Set([one, other]));
    assert.deepEqual(await nodes.many([]), []);
    const parts = [];
    for await (const row of nodes.inOrder({ only: ['name'] })) parts.push([row.uuid, row.name]);
    for (const { uuid, name } of found)
      assert.deepEqual(
        parts.find(([id]) => id === uuid),
        [uuid, name],
      );
  });

  it('a list has what was just written, in the order of creation', async ({ nodes }) => {
    const fresh = Array.from({ length: 40 }, () => aNode());
    await Promise.all([...fresh].reverse().map((node) => nodes.create(node, [])));
    const uuids = new Set(fresh.map((node) => node.uuid));
    const listed = (await nodes.list()).filter((node) => uuids.has(node.uuid));
    assert.deepEqual(
      listed.map((node) => node.uuid),
      fresh.map((node) => node.uuid),
    );
  });

  it('a write over an old version is a conflict and changes nothing', async ({ nodes }) => {
    const first = await nodes.create(aNode(), []);
    const second = await nodes.replace({ ...first, description: 'second' });
    assert.equal(second.version, 2);
    await assert.rejects(nodes.replace({ ...first, description: 'late' }), VersionConflict);
    await assert.rejects(nodes.replace({ ...first, description: 'late' }, [anEvent('late')]), VersionConflict);
    assert.deepEqual(await nodes.get(first.uuid), second);
    assert.deepEqual(await nodes.events(first.uuid), []);
  });

  it('of 32 writes over one version one wins', async ({ nodes }) => {
    const node = await nodes.create(aNode(), []);
    const writes = Array.from({ length: 32 }, (_, n) => nodes.replace({ ...node, description: `${n}` }));
    assert.deepEqual(await outcomes(writes), { ok: 1, VersionConflict: 31 });
  });

  it('of 64 nodes with one MAC that are created at once one is', async ({ nodes, identity }) => {
    const mac = aMac();
    const fresh = Array.from({ length: 64 }, () => aNode());
    const counts = await outcomes(fresh.map((node) => nodes.create(node, [aPort(node, mac)])));
    assert.deepEqual(counts, { ok: 1, ClaimTaken: 63 });
    const [hit] = await identity.claims([{ kind: 'mac', value: mac }]);
    const there = await Promise.all(fresh.map((node) => nodes.get(node.uuid)));
    assert.deepEqual(
      there.flatMap((node) => node?.uuid ?? []),
      [hit?.node],
    );
  });

  it('a name, an instance, a MAC and a uuid belong to one node', async ({ nodes }) => {
    const mac = aMac();
    const [name, instance_uuid] = [`name-${mac}`, aNode().uuid];
    const owner = aNode({ name, instance_uuid });
    await nodes.create(owner, [aPort(owner, mac)]);
    const taken = (kind: string) => (error: unknown) => {
      assert.ok(error instanceof ClaimTaken);
      assert.deepEqual([error.kind, error.owner], [kind, owner.uuid]);
      return true;
    };
    const other = aNode();
    await assert.rejects(nodes.create(aNode({ name }), []), taken('name'));
    await assert.rejects(nodes.create(aNode({ instance_uuid }), []), taken('instance_uuid'));
    await assert.rejects(nodes.create(other, [aPort(other, mac)]), taken('mac'));
    await assert.rejects(nodes.create(aNode({ uuid: owner.uuid }), []), taken('uuid'));
    const stored = await nodes.create(other, []);
    await assert.rejects(nodes.replace({ ...stored, name }), taken('name'));
    await assert.rejects(nodes.replace(stored, [], [aPort(stored, mac)]), taken('mac'));
    assert.deepEqual(await nodes.get(other.uuid), stored);
  });

  it('a renamed node frees its old name', async ({ nodes }) => {
    const [before, after] = [`before-${aMac()}`, `after-${aMac()}`];
    const node = await nodes.create(aNode({ name: before }), []);
    const renamed = await nodes.replace({ ...node, name: after });
    assert.equal(await nodes.byName(before), undefined);
    assert.deepEqual(await nodes.byName(after), renamed);
    await nodes.create(aNode({ name: before }), []);
    await nodes.replace({ ...renamed, name: null });
    assert.equal(await nodes.byName(after), undefined);
  });

  it('a node can learn ports while it is written', async ({ nodes, ports, identity }) => {
    const node = await nodes.create(aNode(), []);
    const port = aPort(node);
    const stored = await nodes.replace({ ...node, description: 'inspected' }, [anEvent('learned')], [port]);
    assert.deepEqual(stored.macs, [port.address]);
    assert.deepEqual(await ports.get(port.uuid), port);
    const key = { kind: 'mac', value: port.address } as const;
    assert.deepEqual(await identity.claims([key]), [{ key, node: node.uuid }]);
  });

  it('events are kept in the order of the writes that they tell of', async ({ nodes }) => {
    let node = await nodes.create(aNode(), [], [anEvent('one')]);
    for (let n = 0; n < 11; n += 1) node = await nodes.replace(node, [anEvent(`write ${n}`), anEvent(`more ${n}`)]);
    const events = await nodes.events(node.uuid);
    const told = Array.from({ length: 11 }, (_, n) => [`write ${n}`, `more ${n}`]).flat();
    assert.deepEqual(
      events.map((event) => event.event),
      ['one', ...told],
    );
    assert.equal(new Set(events.map((event) => event.uuid)).size, 23);
    assert.match(events[0]?.created_at ?? '', /^\d{4}-.*\+00:00$/);
  });

  it('a removed node leaves nothing behind, and what it claimed is free', async ({
    nodes,
    ports,
    identity,
    sessions,
  }) => {
    const mac = aMac();
    const node = aNode({ name: `gone-${mac}`, properties: { serial_number: `SN-${mac}` } });
    const port = aPort(node, mac);
    const stored = await nodes.create(node, [port], [anEvent('enrolled')]);
    await nodes.remove(stored);
    assert.equal(await nodes.get(node.uuid), undefined);
    assert.equal(await ports.get(port.uuid), undefined);
    assert.equal(await sessions.get(node.uuid), undefined);
    const keys = [
      { kind: 'mac', value: mac },
      { kind: 'serial', value: `sn-${mac}` },
    ] as const;
    assert.deepEqual(await identity.claims(keys), []);
    await assert.rejects(nodes.replace(stored), VersionConflict);
    await assert.rejects(nodes.remove(stored), VersionConflict);
    assert.equal(await nodes.get(node.uuid), undefined);
    const again = aNode({ name: node.name });
    await nodes.create(again, [aPort(again, mac)]);
  });

  it('a removal over an old version is a conflict', async ({ nodes }) => {
    const node = await nodes.create(aNode(), []);
    await nodes.replace(node);
    await assert.rejects(nodes.remove(node), VersionConflict);
    assert.equal((await nodes.get(node.uuid))?.version, 2);
  });

  it('a machine with 45 MACs is enrolled and removed whole', async ({ nodes, ports, identity }) => {
    const node = aNode();
    const many = Array.from({ length: 45 }, () => aPort(node));
    const stored = await nodes.create(node, many);
    assert.equal(stored.macs.length, 45);
    assert.deepEqual(await nodes.get(node.uuid), stored);
    const keys = many.map((port) => ({ kind: 'mac', value: port.address }) as const);
    assert.equal((await identity.claims(keys)).length, 45);
    await nodes.remove(stored);
    assert.deepEqual(await identity.claims(keys), []);
    assert.equal(await ports.get(many[44]?.uuid ?? ''), undefined);
  });

  it('a machine whose last MAC is taken is not left half enrolled', async ({ nodes }) => {
    const owner = aNode();
    const mac = aMac();
    await nodes.create(owner, [aPort(owner, mac)]);
    const node = aNode();
    const many = [...Array.from({ length: 41 }, () => aPort(node)), aPort(node, mac)];
    await assert.rejects(nodes.create(node, many), ClaimTaken);
    assert.equal(await nodes.get(node.uuid), undefined);
  });
}
