import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { intervalFor } from '../../shared/agent/told-interval.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Reach } from '../../shared/run/exchange-port.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

type AgentAnswer = Reach['agent'];

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
  const beatsOn = async (site: DeploymentSite, onBeat: () => void = () => undefined) => {
    await site.start();
    for (let minutes = 0; minutes < 2 * (site.configuration.deadlines.step / 60); minutes += 1) {
      await site.pump();
      if ((await site.node()).run?.ended) break;
      onBeat();
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

  for (const [step, reply, words] of [
    [
      'get_deploy_steps',
      { kind: 'unreachable', message: 'no answer in time' },
      /no answer from the agent \(no answer in time\)/,
    ],
    ['get_deploy_steps', { kind: 'pending' }, /the reply is on its way/],
    [
      'deploy.write_image',
      { kind: 'unreachable', message: 'the exchange failed: RequestTooLargeException' },
      /TooLarge/,
    ],
  ] as const) {
    it(`and tells its list, but takes no command (${reply.kind}, ${step}), ends the run at its deadline`, async () => {
      const site = await DeploymentSite.present();
      const real = site.agent.agent.bind(site.agent);
      let posts = 0;
      site.agent.agent = async (exchange) => {
        const { request } = exchange;
        const planning = request.command === 'run' && request.name === 'deploy.get_deploy_steps';
        const writing =
          request.command === 'run' && JSON.stringify(request.params['step'] ?? null).includes('write_image');
        if (step === 'get_deploy_steps' ? !planning : !writing) return real(exchange);
        posts += 1;
        return reply;
      };
      const node = await beatsOn(site, () => site.agent.finish());
      assert.equal(node.provision_state, 'deploy failed');
      assert.match(node.last_error ?? '', words);
      assert.match(
        node.last_error ?? '',
        new RegExp(`deploy stopped in ${step}: waited 1800 s for .*power it off and on, then start the deploy again`),
      );
      assert.ok(posts > 1 && posts <= 32, `${posts} attempts`);
    });
  }

  it('and never posts its inventory ends the inspection at its deadline', async () => {
    const site = await DeploymentSite.present('fake-hardware', {
      provision_state: 'manageable',
      interfaces: { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent' },
    });
    await site.start('inspect', 'inspect');
    for (let minutes = 0; minutes <= 31; minutes += 1) {
      await site.pump();
      site.time += 60_000;
      await site.beatOrBoot();
    }
    const node = await site.node();
    assert.equal(node.provision_state, 'inspect failed');
    assert.match(
      node.last_error ?? '',
      /await-inspection: waited 1800 s for the ramdisk to post its inventory, whose agent reports without: .*ipa-inspection-collectors.*\. Check/,
    );
  });
});

describe('an agent that could not be used', () => {
  const stuck: readonly [what: string, answer: (site: DeploymentSite) => AgentAnswer][] = [
    ['cannot be reached', () => async () => ({ kind: 'unreachable', message: 'ECONNREFUSED' })],
    [
      'refuses its list for ever',
      () => async () => ({ kind: 'refused', status: 500, message: 'not JSON serializable' }),
    ],
    [
      'refuses every command',
      (site) => {
        const real = site.agent.agent.bind(site.agent);
        return async (exchange) =>
          exchange.request.command === 'list' ? real(exchange) : { kind: 'refused', status: 500, message: 'broken' };
      },
    ],
    [
      'takes no command',
      (site) => {
        const real = site.agent.agent.bind(site.agent);
        return async (exchange) =>
          exchange.request.command === 'list' ? real(exchange) : { kind: 'unreachable', message: 'no answer in time' };
      },
    ],
  ];
  /** Beats every minute, for an hour at most, and boots when it is told to. */
  const failed = async (site: DeploymentSite) => {
    await site.start();
    for (let minutes = 0; minutes < 60 && !(await site.node()).run?.ended; minutes += 1) {
      await site.pump();
      site.time += 60_000;
      await site.beat();
    }
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.ok(!(await site.events()).includes('deploy: rebooting begins'), 'the first deploy takes it as it is');
    return node;
  };
  for (const [what, answer] of stuck) {
    it(`and ${what} is not present for the next deploy: that reboots it, and works`, async () => {
      const site = await DeploymentSite.present();
      const mended = site.agent.agent.bind(site.agent);
      site.agent.agent = answer(site);
      assert.match(
        (await failed(site)).last_error ?? '',
        /[Pp]ower (the machine|it) off and on, then start the deploy again/,
      );
      site.agent.agent = mended;
      await site.start();
      assert.equal((await site.untilEnded(() => site.beatOrBoot())).provision_state, 'active');
      assert.ok((await site.events()).includes('deploy: rebooting begins'));
    });
  }

  it('is present again when somebody has power-cycled it', async () => {
    const site = await DeploymentSite.present();
    site.agent.reachable = false;
    await failed(site);
    site.agent.reachable = true;
    await site.boot();
    await site.beat();
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.ok(!(await site.events()).includes('deploy: rebooting begins'));
  });

  it('but one on which a step failed is used as it is: there is nothing wrong with the agent', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'checksum mismatch' };
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'deploy failed');
    site.agent.failing = {};
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.ok(!(await site.events()).includes('deploy: rebooting begins'));
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
