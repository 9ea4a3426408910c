import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verify } from 'unixcrypt';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { heartbeatAllowed, lookupAllowed } from '../../shared/lifecycle/states.ts';
import { keepRescuePassword } from '../../shared/run/rescue-password.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const agentInterfaces = {
  ...defaultInterfaces('fake-hardware'),
  deploy_interface: 'direct',
  inspect_interface: 'agent',
  rescue_interface: 'agent',
};

describe('rescue', () => {
  it('hands over a hash only, ends in rescue, and unrescue boots the instance', async () => {
    const site = await DeploymentSite.present('fake-hardware', {
      provision_state: 'active',
      interfaces: agentInterfaces,
    });
    await keepRescuePassword(UUID, 'open sesame', site);
    await site.start('rescue', 'rescue');
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.last_error, null);
    assert.equal(node.provision_state, 'rescue');
    const sent = site.agent.given.at(-1);
    assert.equal(sent?.name, 'rescue.finalize_rescue');
    assert.equal(sent?.params['hashed'], true);
    assert.ok(verify('open sesame', String(sent?.params['rescue_password'])));
    const everything = JSON.stringify([node, await site.nodes.events(UUID), site.workflow.executions]);
    assert.doesNotMatch(everything, /open sesame|\$6\$/);
    assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined, 'nobody is expected to beat');

    await site.start('unrescue', 'unrescue');
    const after = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(after.provision_state, 'active');
    assert.equal(after.power_state, 'power on');
  });

  /** The command goes out, the connection breaks; what the agent does afterwards. */
  const lostReply = async (message: string, heard: boolean, afterwards: 'gone' | 'there', beatsOn = false) => {
    const site = await DeploymentSite.present('fake-hardware', {
      provision_state: 'active',
      interfaces: agentInterfaces,
    });
    await keepRescuePassword(UUID, 'open sesame', site);
    const real = site.agent.agent.bind(site.agent);
    let lost = false;
    site.agent.agent = async (exchange) => {
      const { request } = exchange;
      if (lost && afterwards === 'gone') return { kind: 'unreachable', message: 'ECONNREFUSED' };
      if (lost || request.command !== 'run' || request.name !== 'rescue.finalize_rescue') return real(exchange);
      lost = true;
      if (heard) await real(exchange);
      return { kind: 'unreachable', message };
    };
    site.onPause = (seconds) => {
      site.time += seconds * 1000;
    };
    site.before = async ({ name }) => {
      if (lost && beatsOn && name === 'sessions.get') await site.beat();
    };
    await site.start('rescue', 'rescue');
    await site.pump();
    return site;
  };

  for (const message of ['ECONNRESET', 'no answer in time']) {
    it(`whose reply is lost (${message}) with an agent that is gone has been done`, async () => {
      const began = Date.parse('2026-01-01T00:00:00Z');
      const site = await lostReply(message, true, 'gone');
      const node = await site.node();
      assert.deepEqual([node.provision_state, node.last_error], ['rescue', null]);
      assert.ok(site.time - began >= 180_000, 'an agent that was told to beat every 300 s beats within 180 s');
      assert.match((await site.events()).join('\n'), /the reply was lost, and the agent has closed its API/);
      assert.equal((await site.sessions.get(UUID))?.tokenHash, undefined, 'nobody is expected to beat');
    });
  }

  it('whose reply is lost with an agent that is still there is looked for in its list, and sent once', async () => {
    for (const heard of [true, false]) {
      const site = await lostReply('ECONNRESET', heard, 'there');
      assert.equal((await site.node()).provision_state, 'rescue');
      assert.deepEqual(site.agent.began, ['finalize_rescue'], `heard: ${heard}`);
    }
  });

  it('whose agent cannot be asked, but beats on, has not been done', async () => {
    const site = await lostReply('no answer in time', false, 'gone', true);
    const waits = await site.node();
    assert.equal(waits.provision_state, 'rescue wait');
    site.time = (waits.run?.waiting?.until ?? 0) + 1000;
    await site.expire();
    assert.match((await site.node()).last_error ?? '', /rescue\.finalize_rescue: waited 1800 s for .*ECONNREFUSED/);
  });

  it('that was heard by an agent, and by no function that lived to say so, is looked for all the same', async () => {
    const site = await DeploymentSite.present('fake-hardware', {
      provision_state: 'active',
      interfaces: agentInterfaces,
    });
    await keepRescuePassword(UUID, 'open sesame', site);
    site.after = async ({ name }) => {
      if (name !== 'reach.agent' || !site.agent.began.includes('finalize_rescue')) return;
      site.after = () => undefined;
      site.agent.reachable = false;
      throw new Error('crash after the command was heard');
    };
    site.onPause = (seconds) => {
      site.time += seconds * 1000;
    };
    await site.start('rescue', 'rescue');
    await site.pump();
    const node = await site.node();
    assert.deepEqual([node.provision_state, node.last_error], ['rescue', null]);
  });

  it('that nobody heard, because the connection was refused, has not been done', async () => {
    const site = await lostReply('ECONNREFUSED', false, 'gone');
    site.time += 1_801_000;
    await site.expire();
    const node = await site.node();
    assert.equal(node.provision_state, 'rescue failed');
    assert.match(node.last_error ?? '', /rescue\.finalize_rescue: waited 1800 s for .*ECONNREFUSED/);
  });

  it('without its password ends in rescue failed and says what to do', async () => {
    const site = await DeploymentSite.present('fake-hardware', {
      provision_state: 'active',
      interfaces: agentInterfaces,
    });
    await site.start('rescue', 'rescue');
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.provision_state, 'rescue failed');
    assert.match(node.last_error ?? '', /rescue password is not there any more\. Start the rescue again/);
  });
});

describe('the other flows', () => {
  it('inspection boots the ramdisk, waits for the inventory and ends in manageable', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'manageable', interfaces: agentInterfaces });
    await site.start('inspect', 'inspect');
    await site.pump();
    const waiting = await site.node();
    assert.equal(waiting.provision_state, 'inspect wait');
    assert.match(waiting.run?.waiting?.for ?? '', /post its inventory/);
    await site.nodes.replace({ ...waiting, inspection_finished_at: '2026-01-01T00:00:09.000000+00:00' });
    const session = await site.sessions.get(UUID);
    assert.ok(session?.taskToken);
    await site.workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
    await site.pump();
    assert.equal((await site.node()).provision_state, 'manageable');
  });

  it('an inspection whose inventory never comes ends at its deadline with what to do', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'manageable', interfaces: agentInterfaces });
    await site.start('inspect', 'inspect');
    await site.pump();
    site.time += 1_801_000;
    await site.expire();
    const node = await site.node();
    assert.equal(node.provision_state, 'inspect failed');
    assert.match(node.last_error ?? '', /await-inspection: waited 1800 s for the ramdisk.*start the inspect again/);
  });

  it('rebuild writes the image again', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'active', interfaces: agentInterfaces });
    await site.start('rebuild', 'rebuild');
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.provision_state, 'active');
    assert.equal(site.agent.began.filter((name) => name === 'execute_deploy_step write_image').length, 1);
  });

  it('undeploy cleans when it is asked to, with the instance forgotten before', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active', automated_clean: true });
    site.agent.failing = { erase_devices_metadata: 'disk is locked' };
    await site.start('deleted', 'undeploy');
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.provision_state, 'clean failed');
    assert.deepEqual(node.instance_info, {});
    assert.match(
      node.last_error ?? '',
      /deploy\.erase_devices_metadata failed: disk is locked\. .*end the maintenance, set the node to manage, then provide it again/,
    );
  });

  it('adopt takes a machine as active without touching it', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'manageable', power_state: null });
    await site.start('adopt', 'adopt');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    assert.equal(node.power_state, 'power off');
    assert.deepEqual(site.agent.began, []);
  });

  it('service runs its steps and boots the instance again', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', { provision_state: 'active' });
    await site.start('service', 'service', { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] });
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.agent.began, ['get_service_steps', 'execute_service_step burnin_cpu', 'power_off']);
  });

  it('a service step that breaks ends in service failed with fault and next action', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active' });
    site.agent.failing = { burnin_cpu: 'too hot' };
    await site.start('service', 'service', { serviceSteps: [{ interface: 'deploy', step: 'burnin_cpu' }] });
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'service failed');
    assert.equal(node.fault, 'service failure');
    assert.match(
      node.last_error ?? '',
      /deploy\.burnin_cpu failed: too hot\. .*end the maintenance, start the service again, or abort/,
    );
  });
});

describe('machines that show up at the wrong time', () => {
  it('one that boots a ramdisk while active gets no token; one that beats on moves nothing', async () => {
    assert.equal(lookupAllowed('active', true), false);
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'active' });
    const before = await site.node();
    assert.equal(await site.beat(), 'ready');
    assert.deepEqual(await site.node(), before);
  });

  it('one that beats on in a failed state is recorded, and a new deploy uses it without a reboot', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'no space' };
    await site.start();
    const failed = await site.untilEnded();
    assert.ok(heartbeatAllowed('deploy failed', true));
    for (let beats = 0; beats < 3; beats += 1) assert.equal(await site.beat(), 'ready');
    assert.deepEqual(await site.node(), failed);
    site.agent.failing = {};
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.ok(!(await site.events()).includes('deploy: rebooting begins'));
  });
});
