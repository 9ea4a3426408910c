import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../shared/json.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite } from '../fakes/deployment-site.ts';

const step = (name: string, args: JsonObject = {}): JsonObject => ({ interface: 'deploy', step: name, args });
const HOLD_THEN_WRITE = { deploySteps: [{ ...step('hold'), priority: 85 }] };

async function heldDeploy(): Promise<DeploymentSite> {
  const site = await DeploymentSite.present();
  await site.start('active', 'deploy', HOLD_THEN_WRITE);
  for (let beats = 0; beats < 3; beats += 1) {
    await site.pump();
    site.agent.finish();
    site.time += 10_000;
    await site.beat();
  }
  assert.equal((await site.node()).provision_state, 'deploy hold');
  return site;
}

describe('a hold step', () => {
  it('of a deploy keeps it in deploy hold without an execution; unhold goes on to active', async () => {
    const site = await heldDeploy();
    assert.ok(site.workflow.executions.every((execution) => execution.ended));
    assert.match((await site.node()).run?.waiting?.for ?? '', /unhold/);
    await site.unhold();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    assert.equal(node.last_error, null);
    assert.ok(site.agent.began.includes('execute_deploy_step write_image'));
  });

  it('costs nothing while it lasts: beats are recorded and wake nobody, the sweeper leaves it alone', async () => {
    const site = await heldDeploy();
    const before = await site.node();
    for (let hours = 0; hours < 24; hours += 1) {
      site.time += 3_600_000;
      assert.equal(await site.beat(), 'ready');
      await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    }
    assert.deepEqual(await site.node(), before);
  });

  it('does not mind a machine that is rebooted meanwhile', async () => {
    const site = await heldDeploy();
    await site.boot();
    await site.beat();
    await site.unhold();
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });

  it('ends with a reason when nobody comes, and can be given longer', async () => {
    const site = await heldDeploy();
    site.time += 604_801_000;
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /held for 604800 s and nobody said unhold.*deadlines\.hold/);
  });

  it('whose unhold was written while its execution could not be started is taken up by the sweeper', async () => {
    const site = await heldDeploy();
    await site.unhold();
    site.workflow.kill();
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });

  for (const [flow, verb, before, held, after] of [
    ['clean', 'clean', 'manageable', 'clean hold', 'manageable'],
    ['service', 'service', 'active', 'service hold', 'active'],
  ] as const) {
    it(`works the same in a ${flow}`, async () => {
      const site = await DeploymentSite.present('fake-hardware', { provision_state: before });
      const steps = [step('hold')];
      await site.start(verb, flow, flow === 'clean' ? { cleanSteps: steps } : { serviceSteps: steps });
      await site.pump();
      assert.equal((await site.node()).provision_state, held);
      await site.unhold();
      const node = await site.untilEnded(() => site.beatOrBoot());
      assert.equal(node.last_error, null);
      assert.equal(node.provision_state, after);
    });
  }
});

describe('reserved steps', () => {
  const manageable = { provision_state: 'manageable' };

  it('wait: so many seconds, although nobody beats', async () => {
    const site = await DeploymentSite.present('fake-hardware', manageable);
    await site.start('clean', 'clean', { cleanSteps: [step('wait', { seconds: 7200 }), step('erase_devices')] });
    const pauses: number[] = [];
    site.onPause = (seconds) => {
      pauses.push(seconds);
      site.time += seconds * 1000;
    };
    const node = await site.untilEnded();
    assert.equal(node.last_error, null);
    assert.equal(node.provision_state, 'manageable');
    assert.deepEqual(pauses, [7200]);
  });

  it('reboot: the next step of the agent waits for the fresh boot', async () => {
    const site = await DeploymentSite.present('fake-hardware', manageable);
    const steps = [step('erase_devices'), step('reboot'), step('erase_devices_metadata')];
    await site.start('clean', 'clean', { cleanSteps: steps });
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.last_error, null);
    assert.deepEqual(site.agent.began.slice(1), [
      'execute_clean_step erase_devices',
      'execute_clean_step erase_devices_metadata',
    ]);
    assert.ok((await site.events()).includes('clean: rebooting begins'));
  });

  it('power_off and power_on of a node without an agent end at once', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', manageable);
    const cleanSteps = [step('power_off'), step('power_on')];
    await site.start('clean', 'clean', { cleanSteps, disableRamdisk: true });
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'manageable');
    assert.equal(node.power_state, 'power on');
  });
});
