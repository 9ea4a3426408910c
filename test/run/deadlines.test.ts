import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { intervalFor } from '../../shared/agent/told-interval.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const sweptBy = (site: DeploymentSite) => sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });

describe('driver_info.nodeless_deadlines', () => {
  const silent = async (nodeless_deadlines: unknown, seconds: number) => {
    const site = await DeploymentSite.present('fake-hardware', {
      driver_info: { nodeless_deadlines: nodeless_deadlines as string },
    });
    await site.start();
    await site.pump();
    site.agent.reachable = false;
    site.time += seconds * 1000;
    await site.expire();
    return site.node();
  };

  it('ends the runs of this node sooner, and the reason says after how long', async () => {
    const node = await silent({ deploy: 700 }, 701);
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /waited 700 s for/);
  });

  it('lets the runs of this node wait longer', async () => {
    assert.equal((await silent({ deploy: 7200 }, 3600)).run?.ended, null);
    assert.equal((await silent({ deploy: 7200 }, 7201)).provision_state, 'deploy failed');
  });

  it('of another flow, or what is no number of seconds, changes nothing', async () => {
    for (const odd of [{ clean: 60 }, { deploy: -1 }, { deploy: 'soon' }, 'soon', ['deploy'], { deploy: 1e12 }]) {
      assert.equal((await silent(odd, 1000)).run?.ended, null, JSON.stringify(odd));
      assert.equal((await silent(odd, 1801)).provision_state, 'deploy failed', JSON.stringify(odd));
    }
  });

  it('is the time-out of the execution too', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { driver_info: { nodeless_deadlines: { deploy: 77 } } });
    const started: number[] = [];
    const { start } = site.workflow;
    site.workflow.start = async (input: Parameters<typeof start>[0] & { timeoutSeconds: number }) => {
      started.push(input.timeoutSeconds);
      return start.call(site.workflow, input);
    };
    await site.start();
    site.workflow.kill();
    await sweptBy(site);
    assert.deepEqual(started, [77, 77]);
  });
});

describe('an agent that beats on', () => {
  /** Beats every minute for twice as long as work on a step may last; nothing on the agent ends. */
  const beatsOn = async (site: DeploymentSite) => {
    await site.start();
    for (let minutes = 0; minutes < 2 * (site.configuration.deadlines.step / 60); minutes += 1) {
      await site.pump();
      if ((await site.node()).run?.ended) break;
      site.time += 60_000;
      await site.beat();
    }
    return site.node();
  };

  it('and is busy with something else for ever ends the run, with what it is busy with', async () => {
    const site = await DeploymentSite.present();
    site.agent.busyFor = Number.POSITIVE_INFINITY;
    const node = await beatsOn(site);
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(
      node.last_error ?? '',
      /get_deploy_steps could not begin within 21600 s: the agent is busy with get_hardware_info\. Power the machine off and on, then start the deploy again/,
    );
  });

  it('and never ends what it began earlier ends the run, with its name', async () => {
    const site = await DeploymentSite.present();
    const earlier = { command: 'run', name: 'clean.execute_clean_step', params: {}, wait: false } as const;
    await site.agent.agent({ callbackUrl: '', timeoutSeconds: 1, request: earlier });
    const node = await beatsOn(site);
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(
      node.last_error ?? '',
      /execute_clean_step, which the agent began earlier, did not end within 21600 s\. Power the machine off and on, then start the deploy again/,
    );
  });

  it('and cannot be reached ends the run at its deadline', async () => {
    const site = await DeploymentSite.present();
    site.agent.reachable = false;
    assert.match((await beatsOn(site)).last_error ?? '', /waited 1800 s for the agent to answer \(ECONNREFUSED\)/);
  });
});

describe('after an outage of ours that is longer than every deadline', () => {
  const OUTAGE_MS = 10 * 86_400_000;

  /** Its machine was sent to boot and has not been heard of. */
  async function booting(): Promise<DeploymentSite> {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware');
    await site.start();
    await site.pump();
    assert.equal((await site.node()).provision_state, 'wait call-back');
    site.workflow.kill();
    site.time += OUTAGE_MS;
    await sweptBy(site);
    await site.pump();
    return site;
  }
  const waitsMs = async (site: DeploymentSite) => ((await site.node()).run?.waiting?.until ?? 0) - site.time;

  it('a machine that only boots has a full interval to show itself', async () => {
    const site = await booting();
    assert.equal((await site.node()).run?.ended, null);
    assert.ok((await waitsMs(site)) >= site.configuration.heartbeatIntervalSeconds * 1000, `${await waitsMs(site)} ms`);
  });

  it('and is deployed when it beats within it', async () => {
    const site = await booting();
    site.time += (await waitsMs(site)) - 1000;
    await site.boot();
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });

  it('or ends afterwards, with a reason', async () => {
    const site = await booting();
    site.time += (await waitsMs(site)) + 1000;
    await site.expire();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /await-agent: waited 1800 s for .*power it off and on/);
  });

  it('a store that fails again at once costs nobody the interval', async () => {
    const site = await booting();
    const until = await waitsMs(site);
    site.workflow.kill();
    site.time += OUTAGE_MS;
    site.tables.faults.fail('nodes.list');
    await assert.rejects(sweptBy(site));
    await sweptBy(site);
    await site.pump();
    const run = (await site.node()).run;
    assert.equal(run?.ended, null, run?.ended?.reason ?? '');
    assert.equal(await waitsMs(site), until);
  });
});

describe('the heartbeat interval', () => {
  const settings = { heartbeatIntervalSeconds: 300, runHeartbeatIntervalSeconds: 60 };

  it('is short for a boot that a run waits for, long for all others, and never longer than the idle one', async () => {
    const site = await DeploymentSite.present();
    assert.equal(intervalFor(await site.node(), settings), 300);
    await site.start();
    assert.equal(intervalFor(await site.node(), settings), 60);
    assert.equal(intervalFor(await site.node(), { ...settings, heartbeatIntervalSeconds: 20 }), 20);
    await site.untilEnded();
    assert.equal(intervalFor(await site.node(), settings), 300);
  });

  it('that was told to a boot decides what counts as present there', async () => {
    for (const [silentSeconds, reboots] of [
      [299, false],
      [301, true],
    ] as const) {
      const site = await DeploymentSite.present();
      assert.equal((await site.sessions.get(UUID))?.intervalSeconds, 300);
      site.time += silentSeconds * 1000;
      await site.start();
      await site.pump();
      const rebooted = (await site.events()).includes('deploy: rebooting begins');
      assert.equal(rebooted, reboots, `silent for ${silentSeconds} s`);
    }
  });
});
