import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { syncPower } from '../../shared/drivers/sync-power.ts';
import { redfishSite } from './redfish-site.ts';

const site = (t: TestContext) => redfishSite((close) => t.after(close));
const TRIES = 3;

describe('power states compared on a schedule', () => {
  it('are corrected to what the BMC says, with a line in the history; nothing is switched', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.power = 'On';
    await given.sweep();
    assert.equal((await given.node()).power_state, 'power on');
    assert.ok((await given.history()).includes('The BMC says power on, recorded was power off'));
    assert.deepEqual(given.bmc.resets(), []);
  });

  it('that agree cost no write', async (t) => {
    const given = await site(t);
    const before = await given.verified();
    await given.sweep();
    assert.equal((await given.node()).version, before.version);
  });

  it('are left alone during a run, in enroll, and where an operator works', async (t) => {
    const given = await site(t);
    await given.enrol();
    await given.sweep();
    assert.equal(given.bmc.asked.length, 0, 'enroll');
    await given.provision('manage');
    await given.call('PUT', '/v1/nodes/bm1/maintenance', { reason: 'mine' });
    given.bmc.asked.length = 0;
    await given.sweep();
    assert.equal(given.bmc.asked.length, 0, 'maintenance');
    await given.call('DELETE', '/v1/nodes/bm1/maintenance');
    await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
    await given.sweep();
    assert.equal(given.bmc.asked.length, 0, 'a run');
    assert.equal((await given.pump()).power_state, 'power on');
  });

  it('give way to a run that begins while the BMC is asked', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.power = 'On';
    const { carry } = given;
    given.carry = async (exchange) => {
      given.carry = carry;
      await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power off' });
      return carry(exchange);
    };
    const result = await syncPower({ ...given.services });
    assert.equal((await given.node()).target_power_state, 'power off', 'the run has the row');
    assert.deepEqual(result.lost, []);
    assert.equal((await given.pump()).power_state, 'power off');
  });

  it(`take a node into maintenance after ${TRIES} failures in a row, and out again when its BMC is back`, async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('unavailable');
    for (let tries = 1; tries < TRIES; tries += 1) {
      await given.sweep();
      assert.equal((await given.node()).maintenance, false, `after ${tries}`);
    }
    await given.sweep();
    const lost = await given.node();
    assert.deepEqual([lost.maintenance, lost.fault, lost.power_state], [true, 'power failure', null]);
    assert.match(
      lost.maintenance_reason ?? '',
      /max retries exceeded.*BMC \S+: .*answered 503.*comes out of maintenance/,
    );
    assert.equal(lost.last_error, lost.maintenance_reason);
    await given.sweep();
    assert.equal((await given.node()).version, lost.version, 'a lost BMC costs no more writes');

    given.bmc.heal();
    given.bmc.power = 'On';
    await given.sweep();
    const back = await given.node();
    assert.deepEqual([back.maintenance, back.fault, back.maintenance_reason], [false, null, null]);
    assert.deepEqual([back.power_state, back.last_error], ['power on', null]);
    assert.equal(back.driver_internal_info['power_sync_failures'], undefined);
    assert.ok((await given.history()).some((line) => /answers again/.test(line)));
  });

  it('count failures in a row only', async (t) => {
    const given = await site(t);
    await given.verified();
    for (let round = 0; round < 2 * TRIES; round += 1) {
      given.bmc.heal();
      if (round % 2 === 0) given.bmc.fail('unavailable');
      await given.sweep();
    }
    const node = await given.node();
    assert.deepEqual([node.maintenance, node.fault], [false, null]);
  });

  it('ask no more BMCs at once than they have workers, and all of them', async (t) => {
    const given = await site(t);
    const { services } = given;
    const node = await given.verified();
    const many = Array.from({ length: 40 }, (_, index) => ({ ...node, uuid: `${index}` }));
    let now = 0;
    let most = 0;
    const result = await syncPower({
      ...services,
      nodes: { list: async () => many, replace: (changed) => Promise.resolve(changed) },
      bmcs: {
        exchange: async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          return { kind: 'power', state: 'power on' };
        },
      },
    });
    assert.equal(most, 8);
    assert.equal(new Set(result.corrected).size, many.length);
  });
});
