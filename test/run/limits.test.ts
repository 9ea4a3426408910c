import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import { NodelessError, Unavailable } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { RUN_PLACES } from '../../shared/run/run-places.ts';
import { Runs } from '../../shared/run/runs.ts';
import { DeploymentSite } from '../fakes/deployment-site.ts';

const MANAGEABLE = { provision_state: 'manageable' };

function refusal(pattern: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Unavailable && pattern.test(error.message), String(error));
    return true;
  };
}

/** Someone else's run that changes disks. */
const other = (site: DeploymentSite, name = 'another-run') => site.counters.hold(RUN_PLACES, name, 99, site.time);
const holders = async (site: DeploymentSite) => (await site.counters.holders(RUN_PLACES)).map(({ holder }) => holder);
const sweep = (site: DeploymentSite) =>
  sweepHandler({ ...site.services(), nodes: site.nodes, sessions: site.sessions })();

describe('limits.concurrentRuns', () => {
  it('refuses one run too many, says what to do, and leaves the node as it was', async () => {
    const site = await DeploymentSite.present();
    site.configuration.limits.concurrentRuns = 1;
    await other(site);
    const before = await site.node();
    await assert.rejects(
      site.start(),
      refusal(/1 runs that change disks .*limits\.concurrentRuns.*again when one of them/),
    );
    assert.deepEqual(await site.node(), before);
    assert.deepEqual(await holders(site), ['another-run']);
    assert.deepEqual(site.workflow.executions, []);
  });

  it('lets only one of two in that come at the same instant', async () => {
    const site = await DeploymentSite.present();
    site.configuration.limits.concurrentRuns = 1;
    const { counters } = site;
    const second = new DeploymentSite();
    await second.enrol('fake-hardware', { run_sequence: 7 });
    const runs = [site, second].map(({ nodes, workflow }) => new Runs({ ...site, nodes, workflow, counters }));
    // Both look before either takes the place.
    await Promise.all(runs.map((one) => one.refuseOverLimit('deploy')));
    const nodes = await Promise.all([site.node(), second.node()]);
    const outcomes = await Promise.allSettled(
      runs.map((one, i) => one.begin({ ...(nodes[i] as Node), provision_state: 'deploying' }, 'deploy', {}, [])),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await holders(site)).length, 1);
  });

  it('gives the place back however the run ends', async () => {
    for (const failing of [{}, { write_image: 'no space' }]) {
      const site = await DeploymentSite.present();
      site.configuration.limits.concurrentRuns = 1;
      site.agent.failing = failing;
      await site.start();
      assert.equal((await holders(site)).length, 1);
      await site.untilEnded();
      await site.pump();
      assert.deepEqual(await holders(site), []);
    }
  });

  it('does not count what changes no disk', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    site.configuration.limits.concurrentRuns = 1;
    await other(site);
    await site.start('inspect', 'inspect');
    assert.deepEqual(await holders(site), ['another-run']);
  });

  it('loses no place to a function that dies: the sweep frees it when nobody can be on the way any more', async () => {
    const site = await DeploymentSite.present();
    site.configuration.limits.concurrentRuns = 1;
    await other(site, 'of-a-function-that-died');
    await sweep(site);
    assert.deepEqual(await holders(site), ['of-a-function-that-died'], 'its row may be written in a moment');
    site.time += 601_000;
    await sweep(site);
    assert.deepEqual(await holders(site), []);
    await site.start();
  });

  it('never frees the place of a run that goes on, and finds those that began without a limit', async () => {
    const site = await DeploymentSite.present();
    site.configuration.limits.concurrentRuns = 0;
    await site.start();
    assert.deepEqual(await holders(site), []);
    site.configuration.limits.concurrentRuns = 1;
    for (let sweeps = 0; sweeps < 3; sweeps += 1) {
      await sweep(site);
      site.time += 601_000;
      assert.deepEqual(await holders(site), [(await site.node()).run?.id]);
    }
  });

  it('starts nothing when the places cannot be counted', async () => {
    const site = await DeploymentSite.present();
    site.tables.faults.fail('counters.hold');
    await assert.rejects(site.start(), NodelessError);
    assert.equal((await site.node()).provision_state, 'available');
  });
});

describe('limits.stopAll', () => {
  it('refuses what changes disks and says how to go on', async () => {
    const site = await DeploymentSite.present();
    site.configuration.limits.stopAll = true;
    await assert.rejects(site.start(), refusal(/limits\.stopAll is on.*Switch it off .*deploy again/));
    assert.equal((await site.node()).provision_state, 'available');
    assert.deepEqual(await holders(site), []);
  });

  it('lets runs end that are going on, and everything that changes no disk begin', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    site.configuration.limits.stopAll = true;
    assert.equal((await site.untilEnded()).provision_state, 'active');
    await site.start('rescue', 'rescue');
  });
});
