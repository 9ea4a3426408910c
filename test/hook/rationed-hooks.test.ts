import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HookCall, HookReply, Hooks } from '../../shared/hook/hook-port.ts';
import { mac, StrangerSite } from '../fakes/stranger-site.ts';

/** The operator's own code, which remembers what it was asked. */
function answering(body: (call: HookCall) => object): Hooks & { calls: HookCall[] } {
  const calls: HookCall[] = [];
  return {
    calls,
    async call(call): Promise<HookReply> {
      calls.push(call);
      return { kind: 'answered', body: body(call) as never };
    },
  };
}

/** A policy that leaves strangers to a hook, and enrols them when it gives no answer. */
function siteWith(hooks: Hooks, machinesAMinute: number): StrangerSite {
  const site = new StrangerSite();
  site.hooks = hooks;
  site.configuration.limits = { ...site.configuration.limits, enrolmentsPerMinute: machinesAMinute };
  site.policies({ name: 'ask', outcome: 'hook', hook: { name: 'h', timeout_seconds: 3, fallback: 'enroll' } });
  return site;
}
const nodesOf = async (site: StrangerSite) => (await site.stores.nodes.list()).length;

describe('hooks on the way of strangers', () => {
  it('are asked so often a minute and not more; who comes then is held, whatever the fallback says', async () => {
    const hooks = answering(() => ({ outcome: 'deny', reason: 'not ours' }));
    const site = siteWith(hooks, 10);
    for (let unit = 0; unit < 40; unit += 1) assert.equal(await site.look(mac(unit)), 404);
    assert.equal(hooks.calls.length, 10, 'newcomers have half of the twenty');
    assert.equal(await nodesOf(site), 0);
    const held = (await site.rows()).filter(({ state }) => state === 'held');
    assert.ok(held.length > 0);
    for (const { reason } of held)
      assert.match(reason, /asked so often in this minute that it was not asked.*so: hold/);
    site.time += 60_000;
    await site.look(mac(99));
    assert.equal(hooks.calls.length, 11);
  });

  it('are asked about a machine that comes back, also while strangers flood', async () => {
    const known = mac(200);
    const hooks = answering(({ body }) => ({
      outcome: JSON.stringify(body).includes(known) && flooded ? 'enroll' : 'hold',
    }));
    let flooded = false;
    const site = siteWith(hooks, 10);
    assert.equal(await site.look(known), 404);
    site.time += 60_000;
    for (let unit = 0; unit < 40; unit += 1) await site.look(mac(unit));
    flooded = true;
    assert.equal(typeof (await site.look(known)), 'string');
  });

  it('that decide whose machine it is are never passed by: no match and no enrolment without them', async () => {
    const hooks = answering(() => ({ verdict: 'deny' }));
    const site = siteWith(hooks, 1);
    site.configuration.matching = { preset: 'nodeless', hook: { name: 'm', timeoutSeconds: 3, fallback: 'built-in' } };
    site.policies({ name: 'all', outcome: 'enroll' });
    for (let unit = 0; unit < 5; unit += 1) assert.equal(await site.look(mac(unit)), 404);
    assert.equal(hooks.calls.length, 1);
    assert.equal(await nodesOf(site), 0);
  });

  it('are not asked the same twice within half a minute; other evidence, and later, they are', async () => {
    let outcome = 'hold';
    const hooks = answering(() => ({ outcome, reason: 'not bought yet' }));
    const site = siteWith(hooks, 100);
    for (let i = 0; i < 20; i += 1) {
      assert.equal(await site.inspect({ macs: [mac(1)] }), 404);
      site.time += 1000;
    }
    assert.equal(hooks.calls.length, 1);
    const row = await site.only();
    assert.match(row.reason, /hook h says hold: not bought yet/);
    assert.doesNotMatch(JSON.stringify(row.asked), new RegExp(mac(1)));
    await site.inspect({ macs: [mac(1)], model: 'R2' });
    assert.equal(hooks.calls.length, 2, 'it shows something else');
    outcome = 'enroll';
    site.time += 30_000;
    assert.equal(typeof (await site.inspect({ macs: [mac(1)] })), 'string');
  });

  it('keep their no for as long: who was denied is not held, and the history tells of it once', async () => {
    const hooks = answering(() => ({ outcome: 'deny', reason: 'scrapped' }));
    const site = siteWith(hooks, 100);
    for (let i = 0; i < 50; i += 1) {
      assert.equal(await site.look(mac(1)), 404);
      site.time += 2000;
    }
    assert.ok(hooks.calls.length <= 4, `${hooks.calls.length} calls in 100 s`);
    const row = await site.only();
    assert.equal(row.state, 'denied');
    assert.equal((await site.stores.nodes.events(row.uuid)).length, 1);
  });
});
