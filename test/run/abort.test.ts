import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Node } from '../../shared/node/node.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import type { FlowName } from '../../shared/run/run.ts';
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
// biome-ignore format: a table reads best with its columns aligned
const WAITS: [flow: FlowName, verb: string, from: string, wait: string, ends: string, args: RunArguments, more?: Partial<Node>][] = [
  ['deploy',  'active',  'available',  'wait call-back', 'deploy failed',  {}],
  ['clean',   'clean',   'manageable', 'clean wait',     'clean failed',   clean('erase_devices')],
  ['inspect', 'inspect', 'manageable', 'inspect wait',   'inspect failed', {}, { interfaces }],
  ['rescue',  'rescue',  'active',     'rescue wait',    'rescue failed',  {}, { interfaces: { ...interfaces, deploy_interface: 'direct' } }],
  ['service', 'service', 'active',     'service wait',   'active',         { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] }],
];

describe('abort', () => {
  for (const [flow, starts, from, wait, ends, args, more] of WAITS) {
    it(`of a ${flow} in ${wait} ends in ${ends}, with who did it, and no late beat goes on`, async () => {
      const site = new DeploymentSite();
      await site.enrol('fake-hardware', { provision_state: from, ...more });
      await site.start(starts, flow, args);
      await site.pump();
      assert.equal((await site.node()).provision_state, wait);
      assert.equal(await verb(site, 'abort'), 202);
      const node = await site.node();
      assert.equal(node.provision_state, ends);
      assert.match(node.last_error ?? 'aborted', /aborted/);
      assert.equal(node.fault, null);
      const events = await site.nodes.events(UUID);
      assert.ok(events.some((event) => event.user === 'ada' && event.detail['verb'] === 'abort'));
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
    assert.equal(node.run?.flow, 'power');
    assert.equal(node.run?.ended?.result, 'done');
    assert.equal(node.power_state, 'power on');
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
    assert.match(node.last_error ?? '', /aborted by ada, after step raid\.create_configuration had ended/);
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
    assert.ok((await site.node()).run?.ended);
  });
});
