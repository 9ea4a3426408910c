import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ageOut } from '../../shared/inbox/age-out.ts';
import { reject } from '../../shared/inbox/settle.ts';
import { mac, StrangerSite } from '../fakes/stranger-site.ts';

const MINUTE_MS = 60_000;

/** Strangers, each with a MAC that nobody sees again. */
function floodOf(site: StrangerSite) {
  let number = 0;
  const text = (part: number) => (part % 256).toString(16).padStart(2, '0');
  return async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      number += 1;
      const address = `02:00:00:${text(number >> 16)}:${text(number >> 8)}:${text(number)}`;
      assert.equal(await site.look(address), 404);
    }
  };
}
const shows = async (site: StrangerSite, address: string) =>
  (await site.rows()).filter(({ keys }) => keys.includes(`mac ${address}`)).length;

describe('an inbox that strangers flood', () => {
  it('has room for a machine that knocks twice, in the same minute', async () => {
    const site = new StrangerSite();
    const flood = floodOf(site);
    await flood(300);
    assert.equal((await site.rows()).length, 30, 'half of what a minute may bring');
    assert.equal(await site.look(mac(1)), 404);
    assert.equal(await shows(site, mac(1)), 0);
    await flood(100);
    site.time += 5000;
    assert.equal(await site.inspect({ macs: [mac(1), mac(1, 2)] }), 404);
    assert.equal(await shows(site, mac(1)), 1);
    site.consistent();
  });

  it('has room for it after hours of flood, forgets the flood, and neither who came back nor what a person said', async () => {
    const site = new StrangerSite();
    site.configuration.inbox = { perMinute: 10, most: 100 };
    const flood = floodOf(site);
    await site.look(mac(1));
    site.time += 20_000;
    await site.look(mac(1));
    await site.look(mac(2));
    const no = (await site.rows()).find(({ keys }) => keys.includes(`mac ${mac(2)}`));
    assert.ok(no);
    await reject(no, { by: 'ada' }, site.given);
    for (let hour = 0; hour < 5; hour += 1) {
      for (let minute = 0; minute < 60; minute += 1) {
        await flood(12);
        site.time += MINUTE_MS;
      }
      assert.ok((await site.rows()).length <= 100);
      const real = mac(10 + hour);
      for (const _ of [1, 2]) {
        assert.equal(await site.look(real), 404);
        site.time += 20_000;
      }
      assert.equal(await shows(site, real), 1, `after ${hour + 1} h`);
      site.time += MINUTE_MS;
      await ageOut(site.given);
      assert.ok((await site.rows()).length <= 60, 'the flood is forgotten');
    }
    for (const known of [1, 2, 10, 14]) assert.equal(await shows(site, mac(known)), 1);
    site.consistent();
  });

  it('keeps who was seen once while there is room, and a newcomer of this moment', async () => {
    const site = new StrangerSite();
    site.configuration.inbox = { perMinute: 100, most: 20 };
    const flood = floodOf(site);
    await flood(8);
    site.time += 60 * MINUTE_MS;
    assert.equal(await ageOut(site.given), 0);
    await flood(6);
    assert.equal(await ageOut(site.given), 4);
    assert.equal((await site.rows()).length, 10);
    await flood(5);
    assert.equal(await ageOut(site.given), 4, 'of an hour ago; the others may come back');
    assert.equal((await site.rows()).length, 11);
  });
});
