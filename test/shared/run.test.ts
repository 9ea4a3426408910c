import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Node } from '../../shared/node/node.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const COMMANDS = [
  'get_deploy_steps',
  'execute_deploy_step tune_firmware',
  'execute_deploy_step write_image',
  'get_partition_uuids',
  'install_bootloader',
  'power_off',
];

describe('a deploy', () => {
  it('continues a machine that is present at once, without a reboot, to active', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.agent.began, COMMANDS);
    assert.equal(node.target_provision_state, null);
    assert.equal(node.last_error, null);
    const session = await site.sessions.get(UUID);
    assert.equal(session?.taskToken, undefined);
    assert.equal(session?.tokenHash, undefined, 'the token of the ramdisk is dead');
  });

  it('waits for a machine that is not there and goes on with its first beat', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware');
    await site.start();
    await site.pump();
    assert.equal((await site.node()).provision_state, 'wait call-back');
    await site.boot();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.agent.began, COMMANDS);
  });

  it('lets the agent of a machine without a BMC reboot it', async () => {
    const site = await DeploymentSite.present('manual', { power_state: null });
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    assert.equal(node.power_state, 'power on', 'an agent that answers is on');
    assert.deepEqual(site.agent.began.slice(-2), ['sync', 'run_image']);
  });

  it('ends in deploy failed with the step and the reason of the agent', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'checksum does not match' };
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'deploy failed');
    assert.equal(node.target_provision_state, 'active');
    assert.match(node.last_error ?? '', /deploy\.write_image failed: checksum does not match/);
    const events = await site.nodes.events(UUID);
    assert.ok(events.some((event) => event.severity === 'ERROR' && event.event.includes('write_image')));
  });

  it('ends with a reason that fits, however much the agent says', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'x'.repeat(500_000) };
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'deploy failed');
    assert.ok((node.last_error ?? '').length < 3000);
  });

  it('is not done when the last command was refused a connection; it is sent again at the next beat', async () => {
    const site = await DeploymentSite.present('manual');
    await site.start();
    site.before = ({ name }) => {
      const last = name === 'reach.agent' && site.agent.began.at(-1) === 'sync';
      site.agent.reachable = !last;
      if (last) site.before = () => undefined;
    };
    const node = await site.untilEnded(async () => {
      assert.equal((await site.node()).run?.ended, null);
      site.agent.reachable = true;
      await site.beat();
    });
    assert.equal(node.provision_state, 'active');
    assert.equal(site.agent.began.at(-1), 'run_image');
  });

  it('ends at its deadline with the step and what to do, when the agent is silent', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    site.time += 1801 * 1000;
    site.agent.reachable = false;
    await site.expire();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /deploy\.tune_firmware.*1800 s.*power it off and on/s);
  });

  it('is not ended by an outage of ours that is longer than its deadline', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    site.time += 10_000 * 1000;
    site.workflow.kill();
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });

  it('ends when a step runs longer than a step may, although the agent beats', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    for (let hours = 0; hours < 7; hours += 1) {
      await site.pump();
      site.time += 3600 * 1000;
      await site.beat();
    }
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /tune_firmware did not end within 21600 s/);
  });

  it('whose execution died and whose machine is silent is ended by the sweeper, at the deadline', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    site.agent.reachable = false;
    site.workflow.kill();
    site.time += 1801 * 1000;
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /1800 s/);
  });

  it('whose executions die again and again is ended by the sweeper, which names the step and what to do', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    for (let minutes = 0; minutes < 60; minutes += 1) {
      site.workflow.kill();
      site.time += 60_000;
      await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    }
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    const reason =
      'aborted by the sweeper in deploy.tune_firmware: 50 executions of it died, see the log of Advance. ' +
      'Start the deploy again or undeploy';
    assert.equal(node.last_error, reason);
  });

  it('is not ended by a time-out that comes before the deadline of the row', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    site.time += 60_000;
    await site.expire();
    assert.equal((await site.node()).run?.ended, null);
  });

  it('fails, and does not go on as if nothing was, when the agent restarts in a step', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    await site.boot();
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /restarted during deploy\.tune_firmware/);
  });

  it('can be started again after a failure', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'no space' };
    await site.start();
    await site.untilEnded();
    site.agent.failing = {};
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });
});

describe('other flows', () => {
  const manageable = { provision_state: 'manageable' };

  it('manual cleaning refuses a step that nobody can run, and says which', async () => {
    const site = new DeploymentSite();
    const interfaces = defaultInterfaces('fake-hardware');
    await site.enrol('fake-hardware', { ...manageable, interfaces });
    await site.start('clean', 'clean', { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] });
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'clean failed');
    assert.match(node.last_error ?? '', /deploy\.erase_devices not found/);
  });

  it('manual cleaning runs the steps asked for, in their order, and stays present', async () => {
    const site = await DeploymentSite.present('fake-hardware', manageable);
    const cleanSteps = ['erase_devices', 'erase_devices_metadata'].map((step) => ({ interface: 'deploy', step }));
    await site.start('clean', 'clean', { cleanSteps });
    const node = await site.untilEnded();
    assert.equal(node.last_error, null);
    assert.equal(node.provision_state, 'manageable');
    const steps = cleanSteps.map(({ step }) => `execute_clean_step ${step}`);
    assert.deepEqual(site.agent.began, ['get_clean_steps', ...steps]);
  });

  it('a clean step that breaks sets maintenance and fault', async () => {
    const site = await DeploymentSite.present('fake-hardware', manageable);
    site.agent.failing = { erase_devices: 'disk is locked' };
    await site.start('clean', 'clean', { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] });
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'clean failed');
    assert.equal(node.fault, 'clean failure');
    assert.equal(node.maintenance, true);
  });

  const atArming: [string, (node: Node) => Node, string][] = [
    [
      'goes on when its inventory comes',
      (node) => ({ ...node, inspection_finished_at: '2026-01-01T00:00:02.000000+00:00' }),
      'manageable',
    ],
    [
      'ends when its inventory is refused',
      (node) => ({ ...node, run: node.run && { ...node.run, refused: { reason: 'not ours', next: 'look', at: 1 } } }),
      'inspect failed',
    ],
  ];
  for (const [what, written, state] of atArming) {
    it(`an inspection ${what} at the very moment that it arms`, async () => {
      const site = new DeploymentSite();
      const interfaces = { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent' };
      await site.enrol('fake-hardware', { provision_state: 'manageable', interfaces });
      site.before = async ({ name }) => {
        if (name !== 'sessions.arm') return;
        site.before = () => undefined;
        await site.nodes.replace(written(await site.node()));
      };
      await site.start('inspect', 'inspect');
      await site.pump();
      const node = await site.node();
      assert.equal(node.provision_state, state);
      assert.equal(node.run?.ended?.result, state === 'manageable' ? 'done' : 'failed');
    });
  }

  it('an inventory that is taken later outweighs one that was refused before', async () => {
    const site = new DeploymentSite();
    const interfaces = { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent' };
    await site.enrol('fake-hardware', { provision_state: 'manageable', interfaces });
    await site.start('inspect', 'inspect');
    const node = await site.node();
    assert.ok(node.run);
    const at = Date.parse('2026-01-01T00:00:01Z');
    await site.nodes.replace({
      ...node,
      run: { ...node.run, refused: { reason: 'an earlier boot', next: 'look', at } },
      inspection_finished_at: '2026-01-01T00:00:02.000000+00:00',
    });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'manageable');
  });

  it('a node that is made again under its uuid gets executions of other names', async () => {
    const names = [];
    for (const created_at of ['2026-01-01T00:00:00.000000+00:00', '2026-02-01T00:00:00.000000+00:00']) {
      const site = new DeploymentSite();
      await site.enrol('fake-hardware', { created_at });
      await site.start();
      names.push(site.workflow.executions[0]?.run);
    }
    assert.equal(new Set(names).size, 2);
    // Step Functions takes names of at most 80 characters, and an attempt is added.
    assert.ok(names.every((name) => name !== undefined && name.length <= 70));
  });

  it('undeploy clears the instance and ends in available', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active' });
    await site.start('deleted', 'undeploy');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'available');
    assert.deepEqual(node.instance_info, {});
    assert.equal(node.power_state, 'power off');
  });
});

describe('whatever dies, the agent sees the same commands', () => {
  it('when Advance crashes before any of its calls', () => everyCall(async (site, at) => crash(site, at, 'before')));
  it('when Advance crashes after any of its calls', () => everyCall(async (site, at) => crash(site, at, 'after')));
  it('when a beat comes at any await of Advance', () =>
    everyCall(async (site, at) => {
      let inside = false;
      site.before = async ({ count }) => {
        if (count !== at || inside) return;
        inside = true;
        site.agent.finish();
        await site.beat();
        inside = false;
      };
    }));
  it('when the execution is killed at any call and the sweeper resumes from the row', () =>
    everyCall(async (site, at) => {
      site.after = ({ count }) => {
        if (count !== at) return;
        site.workflow.kill();
        throw new Error('killed');
      };
    }, true));

  it('when a task that timed out goes on working: it takes no wake-up from its successor', () =>
    everyCall(async (site, at) => {
      let zombie = false;
      site.before = async ({ count }) => {
        if (count !== at || zombie) return;
        zombie = true;
        // The task's time is up here: Step Functions enters Advance again while this one has not returned.
        for (const execution of site.workflow.executions) {
          if (!execution.ended && !execution.answer) execution.token = undefined;
        }
        site.time += 1000;
        await site.pump();
      };
    }));

  it('when every beat comes twice, and again after the end', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    const node = await site.untilEnded(async () => {
      await site.beat();
      await site.beat();
    });
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.agent.began, COMMANDS);
    for (const token of site.workflow.givenTokens) {
      assert.equal(await site.workflow.succeed(token, { next: 'Advance', because: 'beat' }), 'gone');
    }
  });
});

function crash(site: DeploymentSite, at: number, when: 'before' | 'after'): void {
  site[when] = ({ count }) => {
    if (count === at) throw new Error(`crash ${when} call ${at}`);
  };
}

/** Runs the deploy once for every call that it makes, interrupted there. */
async function everyCall(interrupt: (site: DeploymentSite, at: number) => Promise<void>, swept = false): Promise<void> {
  const plain = await DeploymentSite.present();
  await plain.start();
  await plain.untilEnded();
  assert.ok(plain.calls > 30, 'there is something to interrupt');
  for (let at = 1; at <= plain.calls; at += 1) {
    const site = await DeploymentSite.present();
    await interrupt(site, at);
    await site.start();
    const node = await site.untilEnded(async () => {
      if (swept) await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
      // Beats after the last word of the agent meet a dead token; that is not what is tested here.
      await site.beat().catch(() => undefined);
    });
    assert.equal(node.provision_state, 'active', `interrupted at call ${at} of ${plain.calls}: ${node.last_error}`);
    assert.deepEqual(site.agent.began, COMMANDS, `interrupted at call ${at} of ${plain.calls}`);
  }
}
