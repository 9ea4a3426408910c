import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { COUNTED } from '../../infra/cost/counts.ts';
import { DEPLOY, HEARTBEAT, idle, parts, times, usd } from '../../infra/cost/model.ts';
import { costPage } from '../../infra/cost/page.ts';
import { PRICES } from '../../infra/cost/prices.ts';
import { agentRows } from '../bench/agent-rows.ts';
import { openSite } from '../bench/bench-site.ts';
import { UnreportedCharges } from '../bench/charges.ts';
import type { Row } from '../bench/row.ts';
import { runRows } from '../bench/run-rows.ts';
import { openEngine } from '../contract/engines.ts';
import { CapacityMeter } from '../fakes/capacity-meter.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

/** Near enough for a bill: runs change from week to week. */
const near = (counted: number, stated: number, what: string) =>
  assert.ok(
    Math.abs(counted - stated) <= 0.15 * stated,
    `${what}: counted ${counted}, infra/cost/counts.ts says ${stated}`,
  );
const find = (rows: Row[], what: RegExp, unit: string): number =>
  rows.find((row) => what.test(row.what) && row.unit === unit)?.measured ?? Number.NaN;

describe('what is counted', () => {
  it('of a heartbeat is what the bench measures', async () => {
    const site = await openSite();
    const rows = await agentRows(site).finally(() => site.close());
    assert.equal(find(rows, /^steady heartbeat/, 'write units'), COUNTED.heartbeat.writeUnits);
    assert.equal(find(rows, /^steady heartbeat/, 'read units'), COUNTED.heartbeat.readUnits);
  });

  it('of a deploy is what the bench and the tables measure', async () => {
    const rows = await runRows();
    near(find(rows, /^a deploy/, 'transitions'), COUNTED.deploy.transitions, 'transitions');
    near(find(rows, /^a deploy/, 'exchanges'), COUNTED.deploy.exchanges, 'exchanges');

    const engine = await openEngine();
    try {
      const site = new DeploymentSite();
      Object.assign(site, { nodes: engine.stores.nodes, sessions: engine.stores.sessions });
      await site.enrol('fake-hardware');
      const charges = new UnreportedCharges(engine.client);
      const meter = new CapacityMeter(engine.client);
      await site.start();
      const ended = await site.untilEnded(async () => {
        if ((await site.sessions.get(UUID))?.tokenHash === undefined) await site.boot();
        await site.beat();
      });
      assert.equal(ended.provision_state, 'active');
      const used = meter.total();
      near(used.writes + charges.writes, COUNTED.deploy.writeUnits, 'write units');
      near(used.reads + charges.reads, COUNTED.deploy.readUnits, 'read units');
      near((await engine.stores.nodes.events(UUID)).length, COUNTED.deploy.events, 'events');
    } finally {
      await engine.close();
    }
  });
});

describe('the cost page', () => {
  it('is what `npm run cost` writes', () => {
    const committed = readFileSync(new URL('../../infra/COST.md', import.meta.url), 'utf8');
    assert.equal(committed, costPage(), 'run `npm run cost` and commit what it changes');
  });

  it('keeps the idle stack at two dollars a month', () => {
    assert.ok(usd(idle()) <= 2, `${usd(idle())}`);
  });

  it('adds up, and scales', () => {
    const total = parts(DEPLOY).reduce((all, [, cost]) => all + cost, 0);
    assert.ok(Math.abs(total - usd(DEPLOY)) < 1e-12);
    assert.ok(Math.abs(usd(times(HEARTBEAT, 1e6)) - 1e6 * usd(HEARTBEAT)) < 1e-6);
    for (const [name, { usd: price }] of Object.entries(PRICES)) assert.ok(price > 0, name);
  });
});
