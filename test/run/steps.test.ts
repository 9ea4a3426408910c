import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const MANAGEABLE = { provision_state: 'manageable' };
const clean = (...steps: string[]) => ({
  cleanSteps: steps.map((step) => {
    const [of = '', name = ''] = step.split('.');
    return { interface: of, step: name };
  }),
});

async function cleaned(site: DeploymentSite, ...steps: string[]) {
  await site.start('clean', 'clean', clean(...steps));
  return site.untilEnded(() => site.beatOrBoot());
}

describe('automated cleaning', () => {
  it('runs the steps that have a priority, highest first, and the machine stays present', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...MANAGEABLE, automated_clean: true });
    await site.start('provide', 'provide');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'available');
    assert.deepEqual(site.agent.began, [
      'get_clean_steps',
      'execute_clean_step erase_devices_metadata',
      'execute_clean_step erase_devices',
    ]);
    assert.ok((await site.sessions.get(UUID))?.tokenHash, 'the next deploy needs no reboot');
  });

  it('powers the machine off at its end where there is no fast track', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...MANAGEABLE, automated_clean: true });
    site.configuration.fastTrack = false;
    await site.start('provide', 'provide');
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.equal(node.provision_state, 'available');
    assert.equal(site.agent.began.at(-1), 'power_off');
    assert.equal(node.power_state, 'power off');
  });

  it('starts anew with fresh steps when the hardware managers change', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...MANAGEABLE, automated_clean: true });
    site.agent.mismatching = { erase_devices: 1 };
    await site.start('provide', 'provide');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'available');
    const list = ['get_clean_steps', 'execute_clean_step erase_devices_metadata', 'execute_clean_step erase_devices'];
    assert.deepEqual(site.agent.began, [...list, ...list]);
    assert.ok(
      (await site.events()).some((event) => /erase_devices was refused: the hardware managers.*anew/.test(event)),
    );
  });

  it('of a deploy starts anew too, from the steps, without another boot', async () => {
    const site = await DeploymentSite.present();
    site.agent.mismatching = { write_image: 1 };
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'active');
    const list = ['get_deploy_steps', 'execute_deploy_step tune_firmware', 'execute_deploy_step write_image'];
    const rest = ['get_partition_uuids', 'install_bootloader', 'power_off'];
    assert.deepEqual(site.agent.began, [...list, ...list, ...rest]);
    assert.ok((await site.events()).some((event) => /write_image was refused: the hardware managers/.test(event)));
  });

  it('of a deploy does not start anew for ever either', async () => {
    const site = await DeploymentSite.present();
    site.agent.mismatching = { write_image: 99 };
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /write_image failed: the hardware managers.*3 times.*deploy again or undeploy/);
    assert.equal(site.agent.began.filter((name) => name === 'get_deploy_steps').length, 3);
  });

  it('does not start anew for ever: the reason names step, cause and what to do', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...MANAGEABLE, automated_clean: true });
    site.agent.mismatching = { erase_devices_metadata: 99 };
    await site.start('provide', 'provide');
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'clean failed');
    assert.match(
      node.last_error ?? '',
      /deploy\.erase_devices_metadata failed: the hardware managers.*changed 3 times/,
    );
    assert.match(
      node.last_error ?? '',
      /boot one ramdisk image, then end the maintenance, set the node to manage, then provide/,
    );
  });
});

describe('steps that somebody asked for', () => {
  it('are not started anew by other hardware managers: the current one is sent again with the new versions', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    site.agent.mismatching = { erase_devices_metadata: 1 };
    const node = await cleaned(site, 'deploy.erase_devices', 'deploy.erase_devices_metadata');
    assert.equal(node.provision_state, 'manageable');
    assert.deepEqual(site.agent.began, [
      'get_clean_steps',
      'execute_clean_step erase_devices',
      'execute_clean_step erase_devices_metadata',
      'get_clean_steps',
      'execute_clean_step erase_devices_metadata',
    ]);
  });

  it('that ask for a reboot get one, and the next step waits for the fresh agent', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    const node = await cleaned(site, 'firmware.update', 'deploy.erase_devices');
    assert.equal(node.last_error, null);
    assert.equal(node.provision_state, 'manageable');
    assert.deepEqual(site.agent.began, [
      'get_clean_steps',
      'execute_clean_step update',
      'execute_clean_step erase_devices',
    ]);
    const events = await site.events();
    const told = ['firmware.update begins', 'asks for a reboot', 'rebooting', 'await-agent', 'erase_devices begins'];
    let at = -1;
    for (const one of told) {
      const next = events.findIndex((event, index) => index > at && event.includes(one));
      assert.ok(next > at, `${one} comes after what came before, in ${events.join(' | ')}`);
      at = next;
    }
  });

  it('that ask for a reboot of a machine without a BMC let its agent do it', async () => {
    const site = await DeploymentSite.present('manual', { ...MANAGEABLE, power_state: 'power on' });
    const node = await cleaned(site, 'firmware.update', 'deploy.erase_devices');
    assert.equal(node.last_error, null);
    assert.deepEqual(site.agent.began, [
      'get_clean_steps',
      'execute_clean_step update',
      'run_image',
      'execute_clean_step erase_devices',
    ]);
  });

  it('wait while the agent is busy with something else, and are sent once it is not', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    await site.start('clean', 'clean', clean('deploy.erase_devices'));
    site.agent.busyFor = 1;
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'clean wait');
    assert.match(node.run?.waiting?.for ?? '', /the agent is busy with get_hardware_info/);
    assert.equal((await site.untilEnded()).provision_state, 'manageable');
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step erase_devices']);
  });

  it('of the RAID interface leave what they made in raid_config', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    site.agent.results = { create_configuration: { logical_disks: [{ raid_level: '1' }] } };
    const node = await cleaned(site, 'raid.create_configuration');
    assert.deepEqual(node.raid_config['logical_disks'], [{ raid_level: '1' }]);
    assert.equal(typeof node.raid_config['last_updated'], 'string');
    assert.deepEqual((await cleaned(site, 'raid.delete_configuration')).raid_config, {});
  });

  it('that nobody knows are refused with what there is', async () => {
    const site = await DeploymentSite.present('fake-hardware', MANAGEABLE);
    const node = await cleaned(site, 'deploy.polish');
    assert.equal(node.provision_state, 'clean failed');
    assert.match(
      node.last_error ?? '',
      /clean step deploy\.polish not found: the agent offers .*deploy\.erase_devices/,
    );
  });

  it('of a deploy take their place by priority, and priority 0 leaves one out', async () => {
    const site = await DeploymentSite.present();
    const deploySteps = [
      { interface: 'deploy', step: 'erase_devices_metadata', args: { deep: true }, priority: 85 },
      { interface: 'deploy', step: 'tune_firmware', args: {}, priority: 0 },
    ];
    await site.start('active', 'deploy', { deploySteps });
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.deepEqual(site.agent.began.slice(0, 3), [
      'get_deploy_steps',
      'execute_deploy_step erase_devices_metadata',
      'execute_deploy_step write_image',
    ]);
    const sent = site.agent.given[1]?.params['step'] as { args: object } | undefined;
    assert.deepEqual(sent?.args, { deep: true });
  });

  it('with disable_ramdisk boot nothing: what needs an agent is refused', async () => {
    const site = new DeploymentSite();
    await site.enrol('fake-hardware', MANAGEABLE);
    const steps = [{ interface: 'deploy', step: 'reboot' }];
    await site.start('clean', 'clean', { cleanSteps: steps, disableRamdisk: true });
    assert.equal((await site.untilEnded()).provision_state, 'manageable');
    await site.start('clean', 'clean', { ...clean('deploy.erase_devices'), disableRamdisk: true });
    assert.match((await site.untilEnded()).last_error ?? '', /no agent runs steps here/);
    assert.deepEqual(site.agent.began, []);
  });
});

describe('the node that comes with a command', () => {
  it('shows no password, no config drive and nothing of driver_info', async () => {
    const site = await DeploymentSite.present('fake-hardware', {
      ...MANAGEABLE,
      properties: { memory_mb: 1024, ipmi_password: 'hunter2' },
      driver_info: { redfish_address: 'https://10.9.9.9', token: 'hunter2' },
      driver_internal_info: { nested: { secret_key: 'hunter2' } },
      instance_info: { admin_password: 'hunter2', configdrive: 'hunter2', image_source: 'http://10.0.0.1/disk.raw' },
    });
    await cleaned(site, 'deploy.erase_devices');
    const sent = site.agent.given.filter(({ params }) => params['node'] !== undefined);
    assert.equal(sent.length, 2);
    for (const { params } of sent) {
      assert.doesNotMatch(JSON.stringify(params), /hunter2|10\.9\.9\.9/);
      assert.match(JSON.stringify(params), /"memory_mb":1024.*disk\.raw/);
    }
  });
});

describe('the image', () => {
  it('is not written when it became a partition image after the deploy was asked for', async () => {
    const instance_info = { image_source: 'http://10.0.0.1/root.raw', image_checksum: 'a', image_type: 'partition' };
    const site = await DeploymentSite.present('fake-hardware', { instance_info });
    await site.start();
    const node = await site.untilEnded();
    assert.match(node.last_error ?? '', /write_image needs a whole-disk image: it is a partition image/);
    assert.ok(!site.agent.began.some((name) => name.includes('write_image')));
  });
});

describe('a deploy that is the agent’s own', () => {
  const custom = { interfaces: { ...defaultInterfaces('fake-hardware'), deploy_interface: 'custom-agent' } };
  const deploySteps = [{ interface: 'deploy', step: 'erase_devices_metadata', args: {}, priority: 80 }];

  it('runs its steps and those that were asked for, writes no image, and boots from the disk', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...custom, instance_info: {} });
    await site.start('active', 'deploy', { deploySteps });
    const node = await site.untilEnded();
    assert.deepEqual([node.provision_state, node.last_error, node.power_state], ['active', null, 'power on']);
    assert.deepEqual(site.agent.began, [
      'get_deploy_steps',
      'execute_deploy_step tune_firmware',
      'execute_deploy_step erase_devices_metadata',
      'power_off',
    ]);
    assert.deepEqual(node.driver_internal_info['boot_device'], { boot_device: 'disk', persistent: true });
  });

  it('has no step of ours to ask for, and cannot be had without an agent that has it', async () => {
    const site = await DeploymentSite.present('fake-hardware', custom);
    await site.start('active', 'deploy', { deploySteps: [{ ...deploySteps[0], step: 'install_coreos' }] });
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(
      node.last_error ?? '',
      /deploy step deploy\.install_coreos not found: the agent offers .*tune_firmware/,
    );
  });

  it('is cleaned in the ramdisk as any other', async () => {
    const site = await DeploymentSite.present('fake-hardware', { ...custom, ...MANAGEABLE });
    const node = await cleaned(site, 'deploy.erase_devices');
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step erase_devices']);
  });
});
