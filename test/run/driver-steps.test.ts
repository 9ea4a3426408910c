import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { JsonObject, JsonValue } from '../../shared/json.ts';
import type { Node } from '../../shared/node/node.ts';
import { DeploymentSite } from '../fakes/deployment-site.ts';
import { MAC, MediumMachine } from '../redfish/medium-machine.ts';
import { type RedfishSite, redfishSite } from '../redfish/redfish-site.ts';

const step = (name: string, args?: JsonObject): JsonObject => {
  const [of = '', what = ''] = name.split('.');
  return { interface: of, step: what, ...(args && { args }) };
};
const settings = (...pairs: [string, JsonValue][]): JsonObject => ({
  settings: pairs.map(([name, value]) => ({ name, value })),
});

async function bios(site: RedfishSite): Promise<Record<string, unknown>> {
  const { json } = await site.call('GET', '/v1/nodes/bm1/bios');
  return Object.fromEntries(json.bios.map(({ name, value }: Record<string, string>) => [name, value]));
}

describe('steps of pretended hardware', () => {
  async function pretended(t: TestContext, given: Record<string, unknown> = {}): Promise<RedfishSite> {
    const site = await redfishSite((close) => t.after(close));
    await site.verified({}, { driver: 'fake-hardware', ...given });
    return site;
  }
  const clean = (site: RedfishSite, ...clean_steps: unknown[]) => site.provision('clean', { clean_steps });

  it('remember the BIOS settings that they were given, those alone, until they are reset', async (t) => {
    const site = await pretended(t);
    const first = await clean(site, step('bios.apply_configuration', settings(['a', 'b'], ['on', true])));
    assert.deepEqual([first.provision_state, first.last_error], ['manageable', null]);
    assert.deepEqual(await bios(site), { a: 'b', on: 'true' });
    await clean(site, step('bios.apply_configuration', settings(['c', 'd'])));
    assert.deepEqual(await bios(site), { c: 'd' });
    assert.equal((await site.call('GET', '/v1/nodes/bm1/bios/c')).json.c.value, 'd');
    assert.equal((await site.call('GET', '/v1/nodes/bm1/bios/a')).status, 404);
    assert.equal((await clean(site, step('bios.factory_reset'))).provision_state, 'manageable');
    assert.deepEqual(await bios(site), {});
  });

  it('for firmware, cached settings and the log succeed and change nothing', async (t) => {
    const site = await pretended(t);
    const steps = [
      step('firmware.update', { settings: [{ component: 'bmc', url: 'http://192.0.2.1/bmc.bin' }] }),
      step('vendor.log_passthrough', { anything: 1 }),
      step('bios.cache_bios_settings'),
    ];
    const node = await clean(site, ...steps);
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual((await site.call('GET', '/v1/nodes/bm1/firmware')).json, { firmware: [] });
    assert.ok((await site.history()).includes('clean: firmware.update is done'));
  });

  it('are not there for another verb, another interface, or by a name that there is not', async (t) => {
    for (const [given, steps] of [
      [{}, { clean_steps: [step('bios.teleport')] }],
      [{}, { clean_steps: [step('raid.create_configuration')] }],
      [{ bios_interface: 'no-bios' }, { clean_steps: [step('bios.factory_reset')] }],
      [{ driver: 'manual', deploy_interface: 'ramdisk' }, { clean_steps: [step('bios.factory_reset')] }],
    ] as const) {
      const site = await pretended(t, given);
      const node = await clean(site, ...steps.clean_steps);
      assert.equal(node.provision_state, 'clean failed', JSON.stringify(steps));
      assert.match(node.last_error ?? '', /not found: no agent runs steps here/);
    }
    const site = await pretended(t);
    await site.nodes.replace({ ...(await site.node()), provision_state: 'active' });
    assert.equal(
      (await site.provision('service', { service_steps: [step('vendor.log_passthrough')] })).provision_state,
      'active',
    );
    const serviced = await site.provision('service', { service_steps: [step('bios.factory_reset')] });
    assert.match(serviced.last_error ?? '', /service step bios\.factory_reset not found/);
  });

  it('with arguments that are none fail before anything is done', async (t) => {
    const site = await pretended(t);
    for (const args of [undefined, {}, { settings: 'a=b' }, { settings: [{ name: 'a' }] }, { settings: [] }]) {
      const node = await clean(site, step('bios.apply_configuration', args));
      assert.equal(node.provision_state, 'clean failed');
      assert.match(
        node.last_error ?? '',
        /bios\.apply_configuration cannot be carried out: it needs the argument sett/,
      );
      await site.provision('manage');
    }
    assert.deepEqual(await bios(site), {});
  });

  it('stand back where an agent really does it', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable' });
    await site.start('clean', 'clean', { cleanSteps: [step('firmware.update'), step('vendor.log_passthrough')] });
    const node = await site.untilEnded(() => site.beatOrBoot());
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step update']);
  });
});

/** A machine of Dell's, whose ramdisk is an ISO. */
async function dell(t: TestContext, given: Record<string, unknown> = {}) {
  const site = await redfishSite((close) => t.after(close));
  site.agent.reachable = false;
  const { uuid } = await site.verified(
    { deploy_iso: 'http://192.0.2.1/agent.iso' },
    {
      driver: 'idrac',
      bios_interface: 'idrac-redfish',
      boot_interface: 'idrac-redfish-virtual-media',
      inspect_interface: 'redfish',
      management_interface: 'idrac-redfish',
      power_interface: 'idrac-redfish',
      vendor_interface: 'idrac-redfish',
      ...given,
    },
  );
  await site.call('POST', '/v1/ports', { node_uuid: uuid, address: MAC });
  const machine = new MediumMachine(site);
  const { onPause } = site.workflow;
  site.workflow.onPause = (seconds) => {
    onPause(seconds);
    if (site.agent.reachable && site.agent.began.at(-1) === 'power_off') machine.goOff();
  };
  return { site, machine };
}

async function lived(site: RedfishSite, machine: MediumMachine, target: string, more = {}): Promise<Node> {
  const { status, json } = await site.call('PUT', '/v1/nodes/bm1/states/provision', { target, ...more });
  assert.equal(status, 202, JSON.stringify(json));
  for (let turn = 0; turn < 60; turn += 1) {
    const node = await site.pump();
    if (node.run?.ended) return node;
    await machine.live();
    site.agent.finish();
    site.time += 10_000;
  }
  throw new Error('the run does not end');
}

describe('the names that Dell has for Redfish', () => {
  it('deploy as those of Redfish do', async (t) => {
    const image = { image_source: 'http://192.0.2.1/disk.raw', image_checksum: 'a'.repeat(64) };
    const { site, machine } = await dell(t, { instance_info: image });
    await site.provision('provide');
    const node = await lived(site, machine, 'active');
    assert.deepEqual([node.provision_state, node.last_error, node.power_state], ['active', null, 'power on']);
    await machine.live();
    assert.deepEqual(machine.boots, ['Cd', 'Hdd']);
    assert.equal(site.bmc.medium, null);
  });

  it('inspect, tell settings, boot device and vendor methods by the same BMC', async (t) => {
    const { site } = await dell(t);
    assert.equal((await site.provision('inspect')).properties['serial_number'], 'FBK0001');
    assert.equal((await bios(site))['BootMode'], 'Uefi');
    const device = '/v1/nodes/bm1/management/boot_device';
    assert.equal((await site.call('PUT', device, { boot_device: 'pxe' })).status, 204);
    assert.equal(site.bmc.boot.BootSourceOverrideTarget, 'Pxe');
    assert.equal((await site.call('GET', '/v1/nodes/bm1/vmedia')).status, 200);
    const { json } = await site.call('GET', '/v1/nodes/bm1/vendor_passthru/methods');
    assert.ok('create_subscription' in json);
    const ofDriver = await site.call('GET', '/v1/drivers/idrac/vendor_passthru/methods');
    assert.deepEqual(ofDriver.json, (await site.call('GET', '/v1/drivers/redfish/vendor_passthru/methods')).json);
  });
});

describe('a deploy through a BMC that is the agent’s own', () => {
  const deploy_steps = [{ ...step('deploy.erase_devices_metadata', {}), priority: 80 }];

  it('needs no image, installs by the step that was asked for, and boots from the disk', async (t) => {
    const { site, machine } = await dell(t, { deploy_interface: 'custom-agent' });
    await site.provision('provide');
    const node = await lived(site, machine, 'active', { deploy_steps });
    assert.deepEqual([node.provision_state, node.last_error], ['active', null]);
    assert.ok(site.agent.began.includes('execute_deploy_step erase_devices_metadata'));
    assert.ok(!site.agent.began.some((name) => /write_image|bootloader/.test(name)));
    await machine.live();
    assert.deepEqual(machine.boots, ['Cd', 'Hdd']);
  });

  it('is none with deploy_interface direct: that wants an image before anything starts', async (t) => {
    const { site } = await dell(t);
    await site.provision('provide');
    const asked = { target: 'active', deploy_steps };
    assert.equal((await site.call('PUT', '/v1/nodes/bm1/states/provision', asked)).status, 400);
  });
});

describe('BIOS steps through a BMC', () => {
  const apply = (...pairs: [string, JsonValue][]) => [step('bios.apply_configuration', settings(...pairs))];

  it('are seen in force after a restart into the ramdisk, and kept', async (t) => {
    const { site, machine } = await dell(t);
    const clean_steps = [...apply(['BootMode', 'Bios'], ['LogicalProc', 'false']), step('deploy.erase_devices')];
    const node = await lived(site, machine, 'clean', { clean_steps });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(site.bmc.bios.attributes, { BootMode: 'Bios', LogicalProc: false, AssetTag: null });
    const asked = site.bmc.asked.find(({ method, path }) => method === 'PATCH' && path.endsWith('/Bios/Settings'));
    assert.deepEqual(asked?.body, {
      Attributes: { BootMode: 'Bios', LogicalProc: false },
      '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
    });
    assert.deepEqual(machine.boots, ['Cd', 'Cd']);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step erase_devices']);
    assert.deepEqual(await bios(site), { BootMode: 'Bios', LogicalProc: 'false', AssetTag: null });
    const told = (await site.history()).filter((line) => line.includes('bios.'));
    assert.deepEqual(told, [
      'clean: bios.apply_configuration asks for a restart',
      'clean: bios.apply_configuration is done',
    ]);
  });

  it('without a ramdisk restart the machine all the same; a reset brings back what it came with', async (t) => {
    const { site } = await dell(t);
    const without = (clean_steps: unknown[]) => site.provision('clean', { disable_ramdisk: true, clean_steps });
    assert.equal((await without(apply(['BootMode', 'Bios']))).provision_state, 'manageable');
    assert.deepEqual(site.bmc.resets(), ['On']);
    assert.equal((await bios(site))['BootMode'], 'Bios');
    assert.equal((await without([step('bios.factory_reset')])).provision_state, 'manageable');
    assert.deepEqual(site.bmc.resets(), ['On', 'ForceOff', 'On']);
    assert.equal((await bios(site))['BootMode'], 'Uefi');
  });

  it('that ask for what is so already restart nothing', async (t) => {
    const { site } = await dell(t);
    const clean_steps = apply(['BootMode', 'Uefi'], ['LogicalProc', 'True']);
    const node = await site.provision('clean', { disable_ramdisk: true, clean_steps });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(site.bmc.resets(), []);
    assert.deepEqual(
      site.bmc.asks().filter((line) => line.startsWith('PATCH')),
      [],
    );
  });

  it('that wait for the next boot already are not asked for twice', async (t) => {
    const { site } = await dell(t);
    site.bmc.bios.waiting['BootMode'] = 'Bios';
    const node = await site.provision('clean', { disable_ramdisk: true, clean_steps: apply(['BootMode', 'Bios']) });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(site.bmc.resets(), ['On']);
    assert.ok(!site.bmc.asks().some((line) => line.startsWith('PATCH') && line.includes('Bios')));
    assert.equal((await bios(site))['BootMode'], 'Bios');
  });

  for (const [fault, reason] of [
    ['refuses-settings', /failed: BMC \S+: PATCH \S+ answered 400: BootMode does not take the value Nonsense/],
    ['ignores-settings', /failed after the restart: not in force: BootMode/],
    ['unavailable', /could not be carried out: BMC \S+: .*503/],
  ] as const) {
    it(`end in clean failed with the reason of a BMC that ${fault}`, async (t) => {
      const { site } = await dell(t);
      site.bmc.fail(fault);
      const clean_steps = apply(['BootMode', 'Nonsense']);
      const node = await site.provision('clean', { disable_ramdisk: true, clean_steps });
      assert.equal(node.provision_state, 'clean failed');
      assert.match(node.last_error ?? '', /^step bios\.apply_configuration /);
      assert.match(node.last_error ?? '', reason);
      assert.equal(site.bmc.bios.attributes['BootMode'], 'Uefi');
    });
  }

  it('wait for a BMC that takes a while to put them in force', async (t) => {
    const { site } = await dell(t);
    site.bmc.onReset = (type) => {
      site.bmc.power = type === 'ForceOff' ? 'Off' : 'On';
      if (type === 'On') site.bmc.bios.attributes = { ...site.bmc.bios.attributes, BootMode: 'Uefi' };
    };
    const pauses = site.workflow.onPause;
    site.workflow.onPause = (seconds) => {
      pauses(seconds);
      if (site.pauses.filter((one) => one === 60).length === 3) site.bmc.bios.attributes['BootMode'] = 'Bios';
    };
    const node = await site.provision('clean', { disable_ramdisk: true, clean_steps: apply(['BootMode', 'Bios']) });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.equal(site.pauses.filter((one) => one === 60).length, 3);
    assert.equal((await bios(site))['BootMode'], 'Bios');
  });
});

describe('BIOS steps in the ramdisk', () => {
  it('go on with a fresh agent when the firmware restarts the machine once more for them', async (t) => {
    const { site, machine } = await dell(t);
    const before = site.workflow.onPause;
    site.bmc.fail('ignores-settings');
    site.workflow.onPause = (seconds) => {
      before(seconds);
      if (seconds !== 60 || site.bmc.bios.attributes['BootMode'] === 'Bios') return;
      site.bmc.bios.attributes['BootMode'] = 'Bios';
      site.bmc.onReset?.('On');
    };
    const steps = [step('bios.apply_configuration', settings(['BootMode', 'Bios'])), step('deploy.erase_devices')];
    const node = await lived(site, machine, 'clean', { clean_steps: steps });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(machine.boots, ['Cd', 'Cd', 'Cd']);
    assert.deepEqual(site.agent.began, ['get_clean_steps', 'execute_clean_step erase_devices']);
  });
});

describe('steps that nobody carries out through a BMC', () => {
  for (const [driver, raid] of [
    ['redfish', 'redfish'],
    ['idrac', 'idrac-redfish'],
  ]) {
    it(`RAID of ${driver} ends in clean failed before the machine is touched`, async (t) => {
      const site = await redfishSite((close) => t.after(close));
      await site.verified({}, { driver, raid_interface: raid });
      for (const name of ['raid.delete_configuration', 'raid.create_configuration']) {
        const node = await site.provision('clean', { clean_steps: [step(name)] });
        assert.equal(node.provision_state, 'clean failed');
        assert.match(node.last_error ?? '', /RAID is not configured through the BMC here; use raid_interface agent/);
        assert.equal(node.maintenance, false, 'nothing was begun');
        await site.provision('manage');
      }
      assert.deepEqual(site.bmc.resets(), []);
    });
  }

  it('RAID of the agent is the agent’s, as ever', async (t) => {
    const { site, machine } = await dell(t, { raid_interface: 'agent' });
    const node = await lived(site, machine, 'clean', { clean_steps: [step('raid.delete_configuration')] });
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.equal(site.agent.began.at(-1), 'execute_clean_step delete_configuration');
  });

  it('firmware says what to use instead, in the step and in validate', async (t) => {
    const { site } = await dell(t, { firmware_interface: 'redfish' });
    const update = step('firmware.update', { settings: [{ component: 'bmc', url: 'http://192.0.2.1/bmc.bin' }] });
    const node = await site.provision('clean', { clean_steps: [update] });
    assert.equal(node.provision_state, 'clean failed');
    const says = /nothing is updated through it here; use the tool of its vendor, or firmware_interface no-firmware/;
    assert.match(node.last_error ?? '', says);
    const { firmware } = (await site.call('GET', '/v1/nodes/bm1/validate')).json;
    assert.equal(firmware.result, true, 'versions are read');
    assert.match(firmware.reason, says);
  });
});
