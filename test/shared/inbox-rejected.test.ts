import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reject } from '../../shared/inbox/settle.ts';
import type { Submission } from '../../shared/inbox/submission.ts';
import { mac, type Shown, StrangerSite as Site } from '../fakes/stranger-site.ts';

const EVIL: Shown = { macs: [mac(99)], serial: 'EVIL' };
const machine = (unit: number): Shown => ({ macs: [mac(unit)], serial: `V${unit}` });
const rowsWith = async (site: Site, address: string): Promise<Submission[]> =>
  (await site.rows()).filter(({ evidence }) => evidence.items.some(({ value }) => value === address));
async function rowWith(site: Site, address: string): Promise<Submission> {
  const [row, ...others] = await rowsWith(site, address);
  assert.ok(row && others.length === 0, `${others.length + 1} rows`);
  return row;
}
async function post(site: Site, shown: Shown, token?: string) {
  site.time += 60_000;
  return site.inspect(shown, token);
}
/** A machine that a person rejected, as it showed itself then. */
async function rejected(site: Site, shown: Shown): Promise<void> {
  assert.equal(await post(site, shown), 404);
  await reject(await rowWith(site, String(shown.macs[0])), { by: 'ada' }, site.given);
}

describe('a machine that was rejected', () => {
  it('keeps a rejection when the machine shows cards of an older row, and when it leaves the rejected card out', async () => {
    const site = new Site();
    assert.equal(await site.look(mac(1, 1)), 404);
    await rejected(site, { macs: [mac(1, 2)], serial: 'SN' });
    site.policies({ name: 'all', outcome: 'enroll' });
    for (const macs of [[mac(1, 1), mac(1, 2)], [mac(1, 2), mac(1, 3)], [mac(1, 3)]]) {
      assert.equal(await post(site, { macs, serial: 'SN' }), 404);
    }
    assert.equal((await rowWith(site, mac(1, 2))).state, 'rejected');
    for (const macs of [[mac(1, 2)], [mac(1, 3)], [mac(1, 1), mac(1, 2)]]) assert.equal(await site.show(macs), 404);
    assert.equal((await site.stores.nodes.list()).length, 0);
    site.consistent();
  });

  it('is not let in by a join token, whatever it shows beside a card that was rejected', async () => {
    const site = new Site();
    await rejected(site, EVIL);
    const token = await site.token();
    assert.equal(await post(site, { ...EVIL, macs: [mac(99), mac(3)] }, token), 404);
    assert.equal(await post(site, { ...EVIL, macs: [mac(3)] }, token), 404);
    for (const macs of [[mac(99)], [mac(99), mac(3)]]) assert.equal(await site.show(macs, token), 404);
    assert.equal(await site.look(mac(3)), 404, 'nor by a card that it showed since, without one');
  });

  it('is rejected with all its cards when a person says so again', async () => {
    const site = new Site();
    await rejected(site, EVIL);
    await post(site, { ...EVIL, macs: [mac(99), mac(3)] });
    const token = await site.token();
    await reject(await rowWith(site, mac(99)), { by: 'ada' }, site.given);
    assert.equal(await site.look(mac(3), token), 404);
  });
});

describe('a rejected machine that shows the MACs of others', () => {
  /** V1 waits inspected and V2 by a lookup; nobody has seen V3, V4 and V5. */
  async function shown(): Promise<Site> {
    const site = new Site();
    await rejected(site, EVIL);
    await post(site, machine(1));
    await site.look(mac(2));
    assert.equal(await post(site, { ...EVIL, macs: [99, 1, 2, 3, 4, 5].map((unit) => mac(unit)) }), 404);
    return site;
  }

  it('takes nothing of the rows that wait', async () => {
    const site = await shown();
    for (const unit of [1, 2]) assert.equal((await rowWith(site, mac(unit))).state, 'held');
    const row = await rowWith(site, mac(99));
    assert.deepEqual([row.state, row.gained], ['rejected', [mac(3), mac(4), mac(5)]]);
  });

  it('locks nobody out: their own inspections, and their lookups with a join token, are judged alone', async () => {
    const site = await shown();
    const token = await site.token();
    const nodes = [await site.look(mac(2), token), await site.look(mac(3), token), await post(site, machine(4), token)];
    site.policies({ name: 'all', outcome: 'enroll' });
    nodes.push(await post(site, machine(1)), await post(site, machine(5)));
    assert.deepEqual(new Set(nodes).size, 5, nodes.join());
    for (const uuid of nodes) assert.equal((await site.stores.nodes.get(String(uuid)))?.macs.length, 1, String(uuid));
    assert.equal(await site.look(mac(99)), 404);
    site.consistent();
  });

  it('leaves each of them a row of its own, with what it showed, which a person can reject for good', async () => {
    const site = await shown();
    for (const unit of [3, 4]) assert.equal(await post(site, machine(unit)), 404);
    for (const unit of [3, 4]) assert.equal(await site.look(mac(unit)), 404);
    const own = async (unit: number) => (await rowsWith(site, mac(unit))).filter(({ state }) => state !== 'rejected');
    for (const unit of [3, 4]) {
      const [row, ...others] = await own(unit);
      assert.deepEqual([row?.state, row?.has_inventory, others], ['held', true, []]);
    }
    const [fourth] = await own(4);
    assert.ok(fourth);
    await reject(fourth, { by: 'ada' }, site.given);
    site.policies({ name: 'all', outcome: 'enroll' });
    assert.equal(await post(site, machine(4)), 404);
    const node = await site.stores.nodes.get(String(await site.look(mac(3), await site.token())));
    assert.equal(node?.properties['serial_number'], 'V3');
    assert.deepEqual(await own(3).then((rows) => rows.map(({ state }) => state)), ['approved']);
    site.consistent();
  });

  it('is not them, even where they were shown before it was rejected', async () => {
    const site = new Site();
    await rejected(site, { ...EVIL, macs: [mac(99), mac(1), mac(2)] });
    for (const unit of [1, 2]) assert.equal(await post(site, machine(unit)), 404);
    assert.equal((await site.rows()).length, 3);
    // Another one comes with its MAC before it does, and is rejected, too.
    await post(site, { ...machine(1), serial: 'EVIL-2' });
    const planted = (await rowsWith(site, 'evil-2'))[0];
    assert.ok(planted);
    await reject(planted, { by: 'ada' }, site.given);
    assert.equal(await post(site, machine(1)), 404);
    assert.deepEqual(
      (await rowsWith(site, 'v1')).map(({ state }) => state),
      ['held'],
    );
    site.policies({ name: 'all', outcome: 'enroll' });
    assert.equal(await site.look(mac(99)), 404);
    const nodes = [await post(site, machine(1)), await post(site, machine(2))];
    for (const uuid of nodes) assert.equal(typeof uuid, 'string');
    assert.equal((await site.stores.nodes.list()).length, 2);
    site.consistent();
  });
});
