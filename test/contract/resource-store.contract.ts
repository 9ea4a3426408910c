import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ClaimTaken, VersionConflict } from '../../shared/errors.ts';
import type { Stored, UniqueValue } from '../../shared/resource/resource-store.ts';
import { aMac, type OpenStores, outcomes } from './stores.ts';

interface Group extends Stored {
  name: string | null;
  address: string | null;
  extra: Record<string, unknown>;
}
const KIND = 'portgroup';
let second = 0;

const aGroup = (more: Partial<Group> = {}): Group => {
  second += 1;
  const created_at = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const own = { name: `bond-${randomUUID()}`, address: aMac(), extra: {} };
  return { uuid: randomUUID(), created_at, updated_at: null, version: 1, schema: 1, ...own, ...more };
};
const uniques = ({ name, address }: Group): UniqueValue[] => [
  ...(name === null ? [] : [{ kind: 'portgroup_name', value: name }]),
  ...(address === null ? [] : [{ kind: 'portgroup_address', value: address }]),
];
const taken = (kind: string) => (error: unknown) => error instanceof ClaimTaken && error.kind === kind;

export function resourceStoreContract(adapter: string, open: OpenStores): void {
  const it = (title: string, work: (stores: Awaited<ReturnType<OpenStores>>) => Promise<void>) =>
    test(`${adapter}: ${title}`, async () => work(await open()));

  it('a resource is found by its id and its name, in its own kind only', async ({ resources }) => {
    const group = aGroup({ extra: { nested: { list: [1, null] } } });
    assert.deepEqual(await resources.create(KIND, group, uniques(group)), group);
    assert.deepEqual(await resources.get(KIND, group.uuid), group);
    assert.deepEqual(await resources.byName(KIND, String(group.name)), group);
    assert.equal(await resources.get('chassis', group.uuid), undefined);
    assert.equal(await resources.byName('runbook', String(group.name)), undefined);
    assert.equal(await resources.get(KIND, randomUUID()), undefined);
    assert.equal(await resources.get(KIND, ''), undefined);
  });

  it('the address of a port group leads to no node, and may be null', async ({ resources, identity }) => {
    const [group, bare] = [aGroup(), aGroup({ name: null, address: null })];
    for (const one of [group, bare]) await resources.create(KIND, one, uniques(one));
    assert.deepEqual(await identity.candidates([{ kind: 'mac', value: String(group.address) }]), []);
    const cleared = { ...group, address: null };
    await resources.replace(KIND, cleared, { before: uniques(group), after: uniques(cleared) });
    const heir = aGroup({ address: group.address });
    await resources.create(KIND, heir, uniques(heir));
  });

  it('a list of resources is in the order of their creation', async ({ resources }) => {
    const [first, next, last] = [aGroup(), aGroup(), aGroup()];
    for (const one of [last, first, next]) await resources.create('allocation', one, []);
    const mine = new Set([first.uuid, next.uuid, last.uuid]);
    const listed = (await resources.list('allocation')).filter(({ uuid }) => mine.has(uuid));
    assert.deepEqual(listed, [first, next, last]);
    assert.deepEqual(new Set(await resources.many('allocation', [...mine])), new Set(listed));
  });

  it('an id and a unique value have one owner', async ({ resources }) => {
    const group = aGroup();
    await resources.create(KIND, group, uniques(group));
    await assert.rejects(resources.create(KIND, { ...aGroup(), uuid: group.uuid }, []), taken('uuid'));
    const namesake = aGroup({ name: group.name });
    await assert.rejects(resources.create(KIND, namesake, uniques(namesake)), taken('portgroup_name'));
    assert.equal(await resources.get(KIND, namesake.uuid), undefined);
    // Nothing of the refused write stays behind.
    const other = aGroup({ address: namesake.address });
    await resources.create(KIND, other, uniques(other));
  });

  it('of 32 resources with one name one is created', async ({ resources }) => {
    const name = `bond-${randomUUID()}`;
    const all = Array.from({ length: 32 }, () => aGroup({ name }));
    const counts = await outcomes(all.map((one) => resources.create(KIND, one, uniques(one))));
    assert.deepEqual(counts, { ok: 1, ClaimTaken: 31 });
  });

  it('a replaced resource names the version that was read', async ({ resources }) => {
    const group = aGroup();
    await resources.create(KIND, group, uniques(group));
    const unique = { before: uniques(group), after: uniques(group) };
    const edited = await resources.replace(KIND, { ...group, extra: { a: 1 } }, unique);
    assert.deepEqual(edited, { ...group, extra: { a: 1 }, version: 2 });
    await assert.rejects(resources.replace(KIND, { ...group, extra: { a: 2 } }, unique), VersionConflict);
    await assert.rejects(resources.replace(KIND, aGroup(), { before: [], after: [] }), VersionConflict);
    assert.deepEqual(await resources.get(KIND, group.uuid), edited);
  });

  it('a new name frees the old one, and a taken one is refused', async ({ resources }) => {
    const [group, other] = [aGroup(), aGroup()];
    for (const one of [group, other]) await resources.create(KIND, one, uniques(one));
    const renamed = { ...group, name: `bond-${randomUUID()}` };
    const stored = await resources.replace(KIND, renamed, { before: uniques(group), after: uniques(renamed) });
    assert.equal(await resources.byName(KIND, String(group.name)), undefined);
    assert.deepEqual(await resources.byName(KIND, renamed.name), stored);
    const clash = { ...stored, name: other.name };
    const unique = { before: uniques(stored), after: uniques(clash) };
    await assert.rejects(resources.replace(KIND, clash, unique), taken('portgroup_name'));
    assert.deepEqual(await resources.get(KIND, group.uuid), stored);
    assert.deepEqual(await resources.byName(KIND, renamed.name), stored);
  });

  it('a removed resource frees its values', async ({ resources }) => {
    const group = aGroup();
    await resources.create(KIND, group, uniques(group));
    await assert.rejects(resources.remove(KIND, { ...group, version: 7 }, uniques(group)), VersionConflict);
    await resources.remove(KIND, group, uniques(group));
    assert.equal(await resources.get(KIND, group.uuid), undefined);
    assert.equal(await resources.byName(KIND, String(group.name)), undefined);
    await assert.rejects(resources.remove(KIND, group, uniques(group)), VersionConflict);
    const heir = aGroup({ name: group.name, address: group.address });
    await resources.create(KIND, heir, uniques(heir));
  });
}
