import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Node } from '../../shared/node/node.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const clean = (...steps: string[]): RunArguments => ({
  cleanSteps: steps.map((step) => ({ interface: step === 'create_configuration' ? 'raid' : 'deploy', step })),
});

/** The verb as the operator API carries it out. */
async function verb(site: DeploymentSite, target: string): Promise<number> {
  const handle = operatorHandlers(site.operatorServices())['operator/states#provision'];
  assert.ok(handle);
  const response = await handle({
    ...{ method: 'PUT', path: '', params: { node: UUID }, query: {}, headers: {}, publicUrl: 'http://n' },
    ...{ body: { target }, minor: 115, user: 'ada', sourceIp: '127.0.0.1' },
  } as unknown as Parameters<typeof handle>[0]);
  return response.status;
}

const interfaces = { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent', rescue_interface: 'agent' };
const BURN_IN: RunArguments = { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] };
const AGAIN = 'Start the';
type Wait = [
  flow: FlowName,
  verb: string,
  from: string,
  wait: string,
  ends: string,
  next: string,
  args?: RunArguments,
  more?: Partial<Node>,
];
// biome-ignore format: a table reads best with its columns aligned
const WAITS: Wait[] = [
  ['deploy',  'active',  'available',  'wait call-back', 'deploy failed',  `${AGAIN} deploy again or undeploy`],
  ['clean',   'clean',   'manageable', 'clean wait',     'clean failed',   'Set the node to manage, then clean it again', clean('erase_devices')],
  ['inspect', 'inspect', 'manageable', 'inspect wait',   'inspect failed', `${AGAIN} inspect again`, {}, { interfaces }],
  ['rescue',  'rescue',  'active',     'rescue wait',    'rescue failed',  `${AGAIN} rescue again`,  {}, { interfaces: { ...interfaces, deploy_interface: 'direct' } }],
  ['service', 'service', 'active',     'service wait',   'active',         `${AGAIN} service again`, BURN_IN],
];

describe('abort', () => {
  for (const [flow, starts, from, wait, ends, next, args, more] of WAITS) {
    it(`of a ${flow} in ${wait} ends in ${ends}, with who did it and what to do, and no late beat goes on`, async () => {
      const site = new DeploymentSite();
      await site.enrol('fake-hardware', { provision_state: from, ...more });
      await site.start(starts, flow, args);
      await site.pump();
      assert.equal((await site.node()).provision_state, wait);
      assert.equal(await verb(site, 'abort'), 202);
      const node = await site.node();
      assert.equal(node.provision_state, ends);
      const phase = flow === 'inspect' ? 'await-inspection' : 'await-agent';
      const said = `${flow} aborted by ada in ${wait} during ${phase}. ${next}`;
      assert.equal(node.last_error, said);
      assert.equal(node.fault, null);
      await site.pump();
      assert.equal((await site.node()).last_error, said);
      assert.equal((await site.node()).power_state, flow === 'service' ? 'power on' : 'power off');
      const events = await site.nodes.events(UUID);
      assert.ok(events.some((one) => one.user === 'ada' && one.detail['verb'] === 'abort' && one.event.endsWith(said)));
      assert.ok(events.some((one) => one.event === `${flow} failed: ${said}`));
      await site.boot();
      await site.beat();
      await site.pump();
      assert.equal((await site.node()).provision_state, ends);
      assert.deepEqual(site.agent.began, []);
    });
  }

  it('of a service boots the instance again', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active' });
    await site.start('service', 'service', { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] });
    await site.pump();
    await verb(site, 'abort');
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'active');
    assert.match(
      node.run?.ended?.reason ?? '',
      /^service aborted by ada in service wait during step deploy\.burnin_cpu/,
    );
    assert.equal(node.power_state, 'power on');
    assert.ok((await site.events()).some((event) => /boot-device is done/.test(event)));
    assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined, 'the token of the ramdisk is dead');
  });

  it('waits for a step that is not abortable, and comes before the next one', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable' });
    await site.start('clean', 'clean', clean('create_configuration', 'erase_devices'));
    await site.pump();
    assert.equal(await verb(site, 'abort'), 202);
    assert.equal((await site.node()).provision_state, 'clean wait');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'clean failed');
    assert.match(
      node.last_error ?? '',
      /^clean aborted by ada, after step raid\.create_configuration had ended\. Set the node to manage, then clean it/,
    );
    assert.equal(node.power_state, 'power off');
    assert.equal(node.fault, null);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step create_configuration']);
    const events = await site.events();
    assert.ok(events.some((event) => /ada asked for abort: it is carried out when step raid\./.test(event)));
  });

  it('of an abortable step happens at once', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable' });
    await site.start('clean', 'clean', clean('erase_devices'));
    await site.pump();
    await verb(site, 'abort');
    assert.equal((await site.node()).provision_state, 'clean failed');
    assert.equal((await site.sessions.get(UUID))?.taskToken, undefined);
    await assert.rejects(verb(site, 'manage'), /locked/, 'until its machine is torn down');
    await site.pump();
    assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined, 'its agent is heard no more');
    assert.equal((await site.node()).power_state, 'power off', 'what erases does not go on');
    assert.equal(await verb(site, 'manage'), 202);
  });

  it('of a run that never had the machine leaves it as it is', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'active' });
    const held = { serviceSteps: [{ interface: 'deploy', step: 'hold' }], disableRamdisk: true };
    await site.start('service', 'service', held);
    await site.pump();
    assert.equal(await verb(site, 'abort'), 202);
    const node = await site.node();
    assert.deepEqual([node.provision_state, node.run?.ended?.result], ['active', 'failed']);
    await site.pump();
    assert.ok(!(await site.events()).some((event) => /power off/.test(event)));
  });

  it('without a BMC lets the agent do it, where that has nothing else to do', async () => {
    const site = await DeploymentSite.present('manual', { provision_state: 'manageable' });
    const steps = [{ interface: 'deploy', step: 'hold' }];
    await site.start('clean', 'clean', { cleanSteps: [...steps, { interface: 'deploy', step: 'erase_devices' }] });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'clean hold');
    await verb(site, 'abort');
    await site.pump();
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'power_off']);
    const node = await site.node();
    assert.deepEqual([node.power_state, node.run?.ended?.result], ['power off', 'failed']);
  });

  it('without a BMC says that a person must, where the agent is in a step', async () => {
    const site = await DeploymentSite.present('manual', { provision_state: 'manageable' });
    await site.start('clean', 'clean', clean('erase_devices'));
    await site.pump();
    await verb(site, 'abort');
    await site.pump();
    const node = await site.node();
    assert.match(
      node.last_error ?? '',
      /during step deploy\.erase_devices\. Set the node.*Its agent cannot be stopped: switch the machine off by hand first/,
    );
    assert.ok(node.run?.ended);
    assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step erase_devices']);
  });

  it('is carried to its end by whoever comes after a crash, once', async () => {
    for (let at = 1; at <= 12; at += 1) {
      const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable' });
      await site.start('clean', 'clean', clean('erase_devices'));
      await site.pump();
      await verb(site, 'abort');
      const from = site.calls;
      site.after = ({ count }) => {
        if (count === from + at) throw new Error(`crash after call ${at}`);
      };
      await site.pump();
      const node = await site.node();
      assert.deepEqual([node.provision_state, node.power_state], ['clean failed', 'power off'], `call ${at}`);
      assert.match(node.run?.ended?.reason ?? '', /^clean aborted by ada in clean wait during step deploy/);
      assert.equal((await site.events()).filter((event) => event.startsWith('clean failed: ')).length, 1);
    }
  });

  it('of a hold tears the machine down whose agent came up anew meanwhile', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active' });
    const serviceSteps = ['hold', 'burnin_cpu'].map((step) => ({ interface: 'deploy', step }));
    await site.start('service', 'service', { serviceSteps });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'service hold');
    await site.boot();
    await site.beat();
    await site.pump();
    await verb(site, 'abort');
    await site.pump();
    assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined, 'the token of the ramdisk is dead');
    assert.ok(
      (await site.events()).some((event) => /boot-device is done/.test(event)),
      'the instance is booted again',
    );
  });

  it('after a hold, while its machine reboots, waits for no agent that is not there', async () => {
    const site = await DeploymentSite.present('manual', { provision_state: 'manageable' });
    const steps = ['deploy hold', 'firmware update', 'deploy erase_devices'].map((one) => one.split(' '));
    const cleanSteps = steps.map(([kind = '', step = '']) => ({ interface: kind, step }));
    await site.start('clean', 'clean', { cleanSteps });
    await site.pump();
    await site.unhold();
    await site.pump();
    await site.beat();
    await site.pump();
    site.agent.finish();
    await site.beat();
    await site.pump();
    site.agent.reachable = false;
    await verb(site, 'abort');
    await site.pump();
    const node = await site.node();
    assert.equal(node.run?.ended?.result, 'failed');
    assert.notEqual(node.power_state, 'power off', 'nobody has switched it');
    assert.equal(await verb(site, 'manage'), 202);
  });

  it('of a held deploy ends it, and the sweeper does not bring it back', async () => {
    const site = await DeploymentSite.present();
    await site.start('active', 'deploy', {
      deploySteps: [{ interface: 'deploy', step: 'hold', args: {}, priority: 99 }],
    });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'deploy hold');
    assert.equal(await verb(site, 'abort'), 202);
    assert.equal((await site.node()).provision_state, 'deploy failed');
    await site.pump();
    assert.ok((await site.node()).run?.ended, 'its machine is torn down');
    site.workflow.kill();
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'deploy failed');
  });
});
