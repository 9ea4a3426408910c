import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import { hasTurn, MOST_A_SWEEP, syncPower } from '../../shared/drivers/sync-power.ts';
import type { Node } from '../../shared/node/node.ts';
import { redfishSite } from './redfish-site.ts';

const site = (t: TestContext) => redfishSite((close) => t.after(close));
const TRIES = 3;
/** Everybody's turn. */
const ALL = { from: 0, to: 60_000, everySeconds: 60 };

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
    const result = await syncPower([await given.node()], ALL, given.services);
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
    const result = await syncPower(many, ALL, {
      ...services,
      nodes: { replace: async (changed: Node) => changed },
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

  it('give each BMC one turn in a period, whatever the sweeps are', () => {
    const uuids = Array.from({ length: 200 }, (_, index) => `node-${index}`);
    const steps = fc.array(fc.integer({ min: 1, max: 400_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, (gaps) => {
        const everySeconds = 600;
        const from = Date.parse('2026-01-01T00:00:00Z');
        let at = from;
        const turns = new Map<string, number>();
        for (const gap of gaps) {
          const to = Math.min(at + gap, from + everySeconds * 1000);
          for (const uuid of uuids)
            if (hasTurn(uuid, { from: at, to, everySeconds })) turns.set(uuid, 1 + (turns.get(uuid) ?? 0));
          at = to;
        }
        assert.ok([...turns.values()].every((count) => count === 1));
        if (at === from + everySeconds * 1000) assert.equal(turns.size, uuids.length);
      }),
    );
  });

  it('ask a part of the BMCs in each sweep', () => {
    const uuids = Array.from({ length: 1000 }, (_, index) => `node-${index}`);
    const turns = { from: 0, to: 60_000, everySeconds: 600 };
    const asked = uuids.filter((uuid) => hasTurn(uuid, turns)).length;
    assert.ok(asked > 60 && asked < 140, `${asked} of 1000 in a tenth of the period`);
  });

  it('leave a BMC alone whose turn it is not, and ask one that failed again at once', async (t) => {
    const given = await site(t);
    const { uuid } = await given.verified();
    given.services.configuration.powerSyncSeconds = 86_400;
    const sweep = sweepHandler(given.services);
    while (hasTurn(uuid, { from: given.time - 600_000, to: given.time + 600_000, everySeconds: 86_400 }))
      given.time += 600_000;
    await sweep({ everySeconds: 60 });
    assert.equal(given.bmc.asked.length, 0);
    given.time += 86_400_000;
    given.bmc.fail('unavailable');
    await sweep({ everySeconds: 60 });
    given.time += 1000;
    await sweep({ everySeconds: 60 });
    await sweep({ everySeconds: 60 });
    assert.equal((await given.node()).fault, 'power failure');
    given.bmc.asked.length = 0;
    await sweep({ everySeconds: 60 });
    assert.equal(given.bmc.asked.length, 0, 'lost: at its next turn');
  });

  it('are not asked for with powerSyncSeconds 0, and no BMC a sweep beyond the bound', async (t) => {
    const given = await site(t);
    const node = await given.verified();
    given.services.configuration.powerSyncSeconds = 0;
    await given.sweep();
    assert.equal(given.bmc.asked.length, 0);
    const many = Array.from({ length: MOST_A_SWEEP + 7 }, (_, index) => ({ ...node, uuid: `${index}` }));
    const bmcs = { exchange: async () => ({ kind: 'power' as const, state: 'power off' as const }) };
    const result = await syncPower(many, ALL, { ...given.services, bmcs });
    assert.deepEqual([result.asked, result.left], [MOST_A_SWEEP, 7]);
  });

  it('begin no more when the time of a sweep is over', async (t) => {
    const given = await site(t);
    const node = await given.verified();
    const many = Array.from({ length: 40 }, (_, index) => ({ ...node, uuid: `${index}` }));
    const bmcs = {
      exchange: async () => {
        given.time += 100_000;
        return { kind: 'power' as const, state: 'power off' as const };
      },
    };
    const result = await syncPower(many, ALL, { ...given.services, bmcs });
    assert.ok(result.asked < many.length && result.asked + result.left === many.length);
  });
});
