import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HookCall, HookReply } from '../../shared/hook/hook-port.ts';
import { oneOf } from '../../shared/identity/evidence.ts';
import { reject } from '../../shared/inbox/settle.ts';
import type { Submission } from '../../shared/inbox/submission.ts';
import { aNode, aPort } from '../contract/stores.ts';
import { mac, StrangerSite } from '../fakes/stranger-site.ts';

const RICH = { macs: [mac(1), mac(1, 2)], serial: 'RICH-1', model: 'R1' };
const LOOKUP = RICH.macs;

/** A machine that was inspected and waits. */
async function held(): Promise<StrangerSite> {
  const site = new StrangerSite();
  assert.equal(await site.inspect(RICH), 404);
  site.time += 60_000;
  return site;
}
/** What must not change while a machine looks up. */
const said = ({ state, reason, reasons, explanation, evidence, has_inventory }: Submission) => ({
  state,
  reason,
  reasons,
  explanation,
  evidence,
  has_inventory,
});
const nodesOf = (site: StrangerSite) => site.stores.nodes.list();
const serialOf = async (site: StrangerSite) => oneOf((await site.only()).evidence, 'system_serial');

/** A node without MACs of its own, with this serial number and one card that the machine does not show. */
async function nodeLike(site: StrangerSite, serial: string, ...cards: string[]): Promise<string> {
  const node = aNode({ properties: { serial_number: serial } });
  const enrolled = [{ event_type: 'enrolled', event: '', severity: 'INFO' as const, user: null, detail: {} }];
  await site.stores.nodes.create(
    node,
    cards.map((card) => aPort(node, card)),
    enrolled,
  );
  return node.uuid;
}

/** The operator's own code: knows machines by serial number, as an inventory service does. */
const bySerial = (answer: (serial: string | undefined) => object) => {
  const asked: (string | undefined)[] = [];
  const call = async ({ body }: HookCall): Promise<HookReply> => {
    const evidence = body['evidence'] as { kind: string; value: string }[];
    const serial = evidence.find(({ kind }) => kind === 'system_serial')?.value;
    asked.push(serial);
    return { kind: 'answered', body: answer(serial) as never };
  };
  return { call, asked };
};
const ASK = { hook: { name: 'own', timeout_seconds: 5, fallback: 'hold' } } as const;

describe('a lookup by MAC after an inspection', () => {
  it('leaves a conflict what it is: state, reason, explanation, evidence, inventory', async () => {
    const site = new StrangerSite();
    const node = await nodeLike(site, 'RICH-1', mac(9));
    assert.equal(await site.inspect(RICH), 404);
    const before = await site.only();
    assert.deepEqual([before.state, before.candidates], ['conflict', [node]]);
    for (const unknown of ['hold', 'enroll'] as const) {
      site.configuration.enrollment = { ...site.configuration.enrollment, unknown };
      for (const macs of [LOOKUP, [mac(1)], [mac(1, 2)]]) {
        site.time += 60_000;
        assert.equal(await site.show(macs), 404, unknown);
        assert.deepEqual(said(await site.only()), said({ ...before, has_inventory: true }));
      }
    }
    assert.equal((await nodesOf(site)).length, 1);
    site.consistent();
  });

  it('adds a card that it shows, and keeps the rest and the inventory', async () => {
    const site = await held();
    assert.equal(await site.show([mac(1), mac(1, 3)]), 404);
    const row = await site.only();
    assert.deepEqual(row.keys.filter((key) => key.startsWith('mac ')).length, 3);
    assert.deepEqual([await serialOf(site), row.has_inventory, row.count], ['rich-1', true, 2]);
  });

  it('is let in by a policy as what the inspection showed', async () => {
    const site = await held();
    site.policies({ name: 'all', outcome: 'enroll', node: { name: '{vendor}-{serial}' } });
    const uuid = await site.show(LOOKUP);
    const node = await site.stores.nodes.get(String(uuid));
    assert.deepEqual([node?.name, node?.properties['serial_number'], node?.macs], ['example-rich-1', 'RICH-1', LOOKUP]);
    assert.deepEqual([(await site.only()).state, (await site.only()).node], ['approved', uuid]);
    site.consistent();
  });

  it('is denied what a hook denied the inspection, however often it asks', async () => {
    const site = new StrangerSite();
    const hook = bySerial((serial) =>
      serial === 'rich-1' ? { outcome: 'deny', reason: 'scrapped' } : { outcome: 'enroll' },
    );
    site.hooks = hook;
    site.policies({ name: 'ask', outcome: 'hook', ...ASK });
    assert.equal(await site.inspect(RICH), 404);
    for (let times = 0; times < 3; times += 1) {
      assert.equal(await site.show(LOOKUP), 404);
      const row = await site.only();
      assert.deepEqual([row.state, row.reason], ['denied', 'policy ask says hook; hook own says deny: scrapped']);
      site.time += 60_000;
    }
    assert.deepEqual(hook.asked, ['rich-1', 'rich-1', 'rich-1'], 'never by its MACs alone, and not again at once');
  });
});

describe('somebody who knows a MAC of a machine that was inspected', () => {
  it('is not let in by what the machine showed: a condition, a ranged token and a hook want it shown', async () => {
    const site = await held();
    const before = said(await site.only());
    site.policies({ name: 'r1', conditions: { model: 'R1' }, outcome: 'enroll' });
    assert.equal(await site.look(mac(1)), 404);
    site.policies();
    assert.equal(await site.look(mac(1), await site.token({ serials: ['RICH*'] })), 404);
    assert.deepEqual(said(await site.only()), before);
    site.hooks = bySerial((serial) => ({ outcome: serial === undefined ? 'hold' : 'enroll' }));
    site.policies({ name: 'ask', outcome: 'hook', ...ASK });
    assert.equal(await site.look(mac(1)), 404);
    assert.deepEqual([await nodesOf(site), (await site.only()).state], [[], 'held']);
    assert.equal(typeof (await site.inspect(RICH)), 'string', 'the machine itself is');
  });

  it('is let in where a hook lets in both', async () => {
    const site = await held();
    site.hooks = bySerial((serial) => ({ outcome: 'enroll', node: { resource_class: serial ?? 'none' } }));
    site.policies({ name: 'ask', outcome: 'hook', ...ASK });
    const uuid = await site.look(mac(1));
    assert.equal((await site.stores.nodes.get(String(uuid)))?.resource_class, 'rich-1');
  });

  it('gets no node that only the inspection leads to: the inventory does, or a person', async () => {
    const site = await held();
    const node = await nodeLike(site, 'RICH-1');
    site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
    assert.equal(await site.look(mac(1)), 404);
    const row = await site.only();
    assert.deepEqual([row.state, row.candidates], ['conflict', [node]]);
    assert.match(row.reason, /by what its inspection showed it is node .*, which its MACs alone do not say/);
    assert.equal((await site.stores.sessions.get(node))?.tokenHash, undefined);
    assert.equal(await site.inspect(RICH), node);
  });

  it('gets no node that a hook names for the machine', async () => {
    const site = await held();
    const node = await nodeLike(site, 'OTHER', mac(9));
    site.configuration.matching = {
      preset: 'nodeless',
      hook: { name: 'own', timeoutSeconds: 3, fallback: 'built-in' },
    };
    site.hooks = bySerial((serial) => (serial === 'rich-1' ? { verdict: 'match', node } : { verdict: 'built-in' }));
    assert.equal(await site.look(mac(1)), 404);
    assert.deepEqual([(await site.only()).state, (await site.only()).candidates], ['conflict', [node]]);
    assert.equal(await site.inspect(RICH), node);
  });

  it('does not join two machines that were inspected, nor takes what one of them showed', async () => {
    const site = await held();
    assert.equal(await site.inspect({ macs: [mac(2)], serial: 'OTHER-2' }), 404);
    const before = await site.rows();
    for (const unknown of ['hold', 'enroll'] as const) {
      site.configuration.enrollment = { ...site.configuration.enrollment, unknown };
      assert.equal(await site.show([mac(1), mac(2)]), 404);
    }
    assert.deepEqual(await site.rows(), before);
    assert.deepEqual(await nodesOf(site), []);
  });

  it('gives it no MAC that it does not show: who planted it beside others gets nothing, and those get their own nodes', async () => {
    const site = new StrangerSite();
    const planted = [1, 2, 3, 99].map((unit) => mac(unit));
    assert.equal(await site.inspect({ macs: planted, serial: 'PLANTED' }), 404);
    const token = await site.token();
    const uuid = await site.look(mac(1), token);
    assert.deepEqual((await site.stores.nodes.get(String(uuid)))?.macs, [mac(1)]);
    // Who waits now does so by what it shows itself, with nothing of the machine that was let in.
    assert.equal(await site.look(mac(2)), 404);
    assert.deepEqual(
      [(await site.only()).state, (await site.only()).candidates, await serialOf(site)],
      ['held', [], undefined],
    );
    for (const unit of [2, 3]) {
      const own = await site.look(mac(unit), token);
      assert.deepEqual((await site.stores.nodes.get(String(own)))?.macs, [mac(unit)]);
    }
    assert.equal(await site.look(mac(99)), 404);
    assert.equal((await nodesOf(site)).length, 3);
    site.consistent();
  });

  it('cannot undo a rejection', async () => {
    const site = await held();
    await reject(await site.only(), { by: 'ada' }, site.given);
    site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
    site.time += 60_000;
    assert.equal(await site.show(LOOKUP), 404);
    assert.deepEqual([(await site.only()).state, await serialOf(site)], ['rejected', 'rich-1']);
  });
});

describe('a newer inspection', () => {
  it('takes the place of what was remembered, so changed hardware is judged by what it is now', async () => {
    const site = new StrangerSite();
    await nodeLike(site, 'RICH-1', mac(9));
    assert.equal(await site.inspect(RICH), 404);
    assert.equal((await site.only()).state, 'conflict');
    site.time += 60_000;
    assert.equal(await site.inspect({ ...RICH, serial: 'NEW-BOARD' }), 404);
    assert.deepEqual([(await site.only()).state, await serialOf(site)], ['held', 'new-board']);
    site.policies({ name: 'all', outcome: 'enroll' });
    const node = await site.stores.nodes.get(String(await site.show(LOOKUP)));
    assert.equal(node?.properties['serial_number'], 'NEW-BOARD');
  });

  it('is not lost to a lookup that writes the row at the same moment', async () => {
    const site = new StrangerSite();
    assert.equal(await site.show(LOOKUP), 404);
    site.time += 60_000;
    const { resources } = site.stores;
    let raced = false;
    const replace: typeof resources.replace = async (kind, ...rest) => {
      if (!raced && kind === 'submission') {
        raced = true;
        assert.equal(await site.show([...LOOKUP, mac(1, 3)]), 404);
      }
      return resources.replace(kind, ...rest);
    };
    const racing = new Proxy(resources, {
      get: (store, name: keyof typeof resources) => (name === 'replace' ? replace : store[name]?.bind(store)),
    });
    assert.equal(await site.inspect(RICH, undefined, { ...site.given, resources: racing }), 404);
    assert.deepEqual([raced, await serialOf(site)], [true, 'rich-1']);
  });
});
