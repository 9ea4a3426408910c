import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { continueInspection } from '../../shared/agent/inspection.ts';
import { PayloadTooLarge, Unavailable } from '../../shared/errors.ts';
import { ageOut } from '../../shared/inbox/age-out.ts';
import { findSubmissions } from '../../shared/inbox/find-submission.ts';
import { approveAsNew, approveAsNode, reject } from '../../shared/inbox/settle.ts';
import { documentOf } from '../../shared/inbox/submission.ts';
import { idOf, type JoinToken } from '../../shared/join-token/join-token.ts';
import { aNode, aPort } from '../contract/stores.ts';
import { Crash, Life, mortal } from '../fakes/mortal.ts';
import { inventoryOf, mac, outcomeOf, StrangerSite as Site } from '../fakes/stranger-site.ts';

/** Its nodes, made in another way. */
const withCreate = (site: Site, create: typeof site.stores.nodes.create): typeof site.stores.nodes =>
  new Proxy(site.stores.nodes, {
    get: (store, name: keyof typeof site.stores.nodes) =>
      name === 'create' ? create : (store[name] as () => unknown).bind(store),
  });

describe('the inbox', () => {
  it('keeps no inventory that is larger than any', async () => {
    const site = new Site();
    const inventory = { ...inventoryOf({ macs: [mac(1)] }), filler: 'x'.repeat(2 ** 20) };
    assert.equal(await outcomeOf(continueInspection({ inventory }, site.given)), 404);
    const row = await site.only();
    assert.equal(row.has_inventory, false);
    assert.equal(await site.given.documents.get(documentOf(row.uuid)), undefined);
  });

  it('tells a few changes of a machine a minute, however often it shows something else, and keeps the last', async () => {
    const site = new Site();
    for (let at = 0; at < 30; at += 1) await site.inspect({ macs: [mac(1)], serial: `SN-${at}` });
    const row = await site.only();
    assert.equal(row.evidence.items.find(({ kind }) => kind === 'system_serial')?.value, 'sn-29');
    assert.equal((await site.stores.nodes.events(row.uuid)).length, 7);
    site.time += 60_000;
    await site.inspect({ macs: [mac(1)], serial: 'SN-X' });
    assert.equal((await site.stores.nodes.events(row.uuid)).length, 8);
  });

  it('adds no more cards to a row than a machine may have, so that it can be approved', async () => {
    const site = new Site();
    for (const batch of [1, 2, 3]) {
      const cards = Array.from({ length: 60 }, (_, at) => mac(batch, at));
      await site.show([mac(0, 1), ...cards]);
    }
    const row = await site.only();
    assert.equal(row.keys.length, 64);
    await approveAsNew(row, {}, { by: 'alice' }, site.given);
    site.consistent();
  });

  it('has one row a machine, found again by any of its MACs, with the best evidence that there was', async () => {
    const site = new Site();
    for (const card of [1, 2]) assert.equal(await site.look(mac(1, card)), 404);
    assert.equal((await site.rows()).length, 2);
    // The inspection shows that the two are one machine.
    assert.equal(await site.inspect({ macs: [mac(1, 1), mac(1, 2), mac(1, 3)] }), 404);
    site.time += 60_000;
    assert.equal(await site.look(mac(1, 3)), 404);
    const row = await site.only();
    assert.equal(row.evidence.profile['model'], 'R1');
    assert.ok(row.has_inventory);
    assert.ok(row.last_seen_at > row.first_seen_at);
    const [found] = await findSubmissions(row.evidence, site.stores.resources);
    assert.equal(found?.uuid, row.uuid);
  });

  it('keeps machines apart that show one serial number', async () => {
    const site = new Site();
    for (const unit of [1, 2, 3]) await site.inspect({ macs: [mac(unit)], serial: 'CLONED' });
    assert.equal((await site.rows()).length, 3);
    for (const row of await site.rows())
      assert.equal((await findSubmissions(row.evidence, site.stores.resources)).length, 1);
  });

  it('is not filled by strangers: so many new rows a minute, so many rows; a known machine is written seldom', async () => {
    const site = new Site();
    // Of both, who was never seen before may have a part.
    site.configuration.inbox = { perMinute: 6, most: 7 };
    const boot = async (from: number) => {
      for (let unit = from; unit < from + 10; unit += 1) assert.equal(await site.look(mac(unit)), 404);
    };
    await boot(0);
    assert.equal((await site.rows()).length, 3);
    site.time += 60_000;
    await boot(20);
    assert.equal((await site.rows()).length, 6);
    site.time += 60_000;
    await boot(40);
    assert.equal((await site.rows()).length, 6);
    const known = async () => (await site.rows()).find(({ evidence }) => evidence.items[0]?.value === mac(0));
    const before = await known();
    for (let i = 0; i < 50; i += 1) await site.look(mac(0));
    assert.equal(((await known())?.version ?? 0) - (before?.version ?? 0), 1);
  });

  it('forgets whom nobody has seen for long, and has room again', async () => {
    const site = new Site();
    site.configuration.inbox = { most: 1, keepDays: 30 };
    await site.look(mac(1));
    site.time += 20 * 86_400_000;
    assert.equal(await ageOut(site.given), 0);
    site.time += 11 * 86_400_000;
    assert.equal(await ageOut(site.given), 1);
    assert.equal(await ageOut(site.given), 0);
    await site.look(mac(2));
    assert.deepEqual(
      (await site.only()).evidence.items.map(({ value }) => value),
      [mac(2)],
    );
    // Its values are free again.
    site.configuration.inbox = {};
    await site.look(mac(1));
    assert.equal((await site.rows()).length, 2);
  });

  it('says no more than 404 for a door that is closed, and keeps nothing', async () => {
    const site = new Site();
    site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'deny' };
    assert.equal(await site.inspect({ macs: [mac(1)] }), 404);
    assert.deepEqual([await site.rows(), site.tables.counters.size], [[], 0]);
  });

  it('is left by a machine that a policy lets in later, with the decision', async () => {
    const site = new Site();
    await site.inspect({ macs: [mac(1)] });
    site.policies({
      name: 'r1',
      conditions: { model: 'R1' },
      outcome: 'enroll',
      node: { name: '{serial}', owner: 'lab' },
    });
    const node = await site.inspect({ macs: [mac(1)] });
    const row = await site.only();
    assert.deepEqual([row.state, row.node, row.decided_by], ['approved', node, 'policy r1']);
    const stored = await site.stores.nodes.get(String(node));
    assert.deepEqual([stored?.name, stored?.owner], ['sn-52-54-00-77-01-01', 'lab']);
    site.consistent();
  });

  it('two names that a template fills in alike become two nodes', async () => {
    const site = new Site();
    site.policies({ name: 'all', outcome: 'enroll', node: { name: 'lab-{vendor}' } });
    const nodes = [await site.inspect({ macs: [mac(1)] }), await site.inspect({ macs: [mac(2)] })];
    const names = await Promise.all(nodes.map(async (uuid) => (await site.stores.nodes.get(String(uuid)))?.name));
    assert.equal(names[0], 'lab-example');
    assert.equal(names[1], `lab-example-${String(nodes[1]).slice(-8)}`);
  });
});

describe('limits of a policy', () => {
  it('hold for all processes: so many nodes ever, then the next policy is asked', async () => {
    const site = new Site();
    site.policies({ name: 'two', outcome: 'enroll', limits: { max: 2 } });
    const told = [];
    for (const unit of [1, 2, 3]) told.push(await site.inspect({ macs: [mac(unit)] }));
    assert.equal(told[2], 404);
    const row = await site.only();
    assert.deepEqual(
      [row.reason, row.passed],
      ['enrollment.unknown is hold', [{ policy: 'two', why: 'it has enrolled its 2 nodes' }]],
    );
  });

  it('so many in a minute, then 503; many requests of one machine are one', async () => {
    const site = new Site();
    site.policies({ name: 'slow', outcome: 'enroll', limits: { per_minute: 1 } });
    const told = await Promise.all(Array.from({ length: 4 }, () => site.inspect({ macs: [mac(1)] })));
    assert.equal(new Set(told).size, 1);
    assert.equal(await site.inspect({ macs: [mac(2)] }), 503);
    site.time += 60_000;
    assert.notEqual(await site.inspect({ macs: [mac(2)] }), 503);
    assert.equal((await site.stores.nodes.list()).length, 2);
  });
});

describe('races', () => {
  it('two machines with the last use of a token: one is let in, and the other one is not', async () => {
    for (let round = 0; round < 10; round += 1) {
      const site = new Site();
      const token = await site.token({ uses: 1 });
      const told = await Promise.all([1, 2].map((unit) => site.inspect({ macs: [mac(unit)] }, token)));
      assert.equal(told.filter((one) => one === 404).length, 1, told.join());
      assert.equal((await site.stores.nodes.list()).length, 1);
      assert.equal((await site.stores.resources.get<JoinToken>('join_token', idOf(token)))?.used, 1);
      assert.match((await site.only()).reason, /is used up/);
      site.consistent();
    }
  });

  it('a request that dies after any of its calls spends one use of a token at most, and its machine gets its node', async () => {
    for (let crash = 1; ; crash += 1) {
      const site = new Site();
      const token = await site.token({ uses: 1 });
      let life = new Life(crash);
      const stores = Object.fromEntries(
        Object.entries(site.stores).map(([name, store]) => [name, mortal(store, () => life)]),
      ) as unknown as typeof site.stores;
      const first = await site
        .inspect({ macs: [mac(1)] }, token, { ...site.given, ...stores })
        .catch((error: unknown) => {
          if (error instanceof Crash) return 'died';
          throw error;
        });
      site.consistent();
      life = new Life(Number.POSITIVE_INFINITY);
      const again = await site.inspect({ macs: [mac(1)] }, token);
      assert.equal(typeof again, 'string', `after ${crash} calls`);
      assert.equal((await site.stores.nodes.list()).length, 1);
      assert.equal((await site.stores.resources.get<JoinToken>('join_token', idOf(token)))?.used, 1);
      if (first !== 'died') break;
    }
  });

  it('a row that somebody writes while its machine is let in: it is judged anew, with one place of its policy', async () => {
    const site = new Site();
    site.policies({ name: 'one', conditions: { join_token: true }, outcome: 'enroll', limits: { max: 1 } });
    await site.inspect({ macs: [mac(1)], serial: 'FIRST' });
    let raced = false;
    const create: typeof site.stores.nodes.create = async (...rest) => {
      if (!raced) assert.equal(await site.inspect({ macs: [mac(1)], serial: 'SECOND' }), 404);
      raced = true;
      return site.stores.nodes.create(...rest);
    };
    const given = { ...site.given, nodes: withCreate(site, create) };
    const uuid = await site.inspect({ macs: [mac(1)], serial: 'FIRST' }, await site.token(), given);
    assert.deepEqual([raced, (await site.stores.nodes.get(String(uuid)))?.macs], [true, [mac(1)]]);
    site.consistent();
  });

  it('an enrolment of which nobody knows how it ended keeps its place, one that was refused does not', async () => {
    for (const [error, then] of [
      [new Unavailable(''), 404],
      [new PayloadTooLarge(''), 'string'],
    ] as const) {
      const site = new Site();
      site.policies({ name: 'one', outcome: 'enroll', limits: { max: 1 } });
      const given = { ...site.given, nodes: withCreate(site, () => Promise.reject(error)) };
      assert.equal(await site.inspect({ macs: [mac(1)] }, undefined, given), error.status);
      const next = await site.inspect({ macs: [mac(2)] });
      assert.equal(typeof then === 'number' ? next : typeof next, then);
    }
  });

  it('an approval while the machine looks up: one node, one decision', async () => {
    for (let round = 0; round < 10; round += 1) {
      const site = new Site();
      await site.inspect({ macs: [mac(1), mac(1, 2)] });
      const row = await site.only();
      const act = { by: 'ada' };
      const approve = () => outcomeOf(approveAsNew(row, {}, act, site.given));
      const told = await Promise.all([site.look(mac(1)), approve(), approve(), site.look(mac(1, 2))]);
      // A lookup at that moment may have written the row: then its operator reads again.
      const decided = told.slice(1, 3).filter((one) => typeof one === 'string');
      if (decided.length === 0) await approveAsNew(await site.only(), {}, act, site.given);
      const [node, ...others] = await site.stores.nodes.list();
      assert.deepEqual(others, []);
      for (const card of [1, 2]) assert.equal(await site.look(mac(1, card)), node?.uuid);
      assert.deepEqual([(await site.only()).state, (await site.only()).node], ['approved', node?.uuid]);
      site.consistent();
    }
  });

  it('an approval and a rejection: one of them', async () => {
    const site = new Site();
    await site.inspect({ macs: [mac(1)] });
    const row = await site.only();
    const [approved, rejected] = await Promise.allSettled([
      approveAsNew(row, {}, { by: 'ada' }, site.given),
      reject(row, { by: 'bob' }, site.given),
    ]);
    assert.notEqual(approved.status, rejected.status);
    const nodes = await site.stores.nodes.list();
    assert.equal(nodes.length, approved.status === 'fulfilled' ? 1 : 0);
    site.consistent();
  });

  it('a replacement of hardware that dies leaves the old node or the new one, never half', async () => {
    for (let crash = 1; ; crash += 1) {
      const site = new Site();
      const [heir, loser] = [aNode(), aNode()];
      const old = aPort(heir, mac(9));
      const enrolled = [{ event_type: 'enrolled', event: '', severity: 'INFO' as const, user: null, detail: {} }];
      await site.stores.nodes.create(heir, [old], enrolled);
      await site.stores.nodes.create(loser, [aPort(loser, mac(2))], enrolled);
      await site.inspect({ macs: [mac(2), mac(9), mac(2, 2)] });
      const row = await site.only();
      const node = await site.stores.nodes.get(heir.uuid);
      assert.ok(node);
      const life = new Life(crash);
      const { nodes, ports, resources } = site.stores;
      const given = { ...site.given, nodes: mortal(nodes, () => life), ports: mortal(ports, () => life), resources };
      const died = await approveAsNode(row, node, { by: 'ada' }, given).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Crash) return true;
          throw error;
        },
      );
      site.consistent();
      const macs = (await site.stores.nodes.get(heir.uuid))?.macs.length;
      assert.equal((await site.only()).state === 'approved', macs === 3);
      if (!died) break;
    }
  });
});
