import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Node } from '../../shared/node/node.ts';
import { NetworkMachine } from './network-machine.ts';
import { type RedfishSite, redfishSite } from './redfish-site.ts';

const IMAGE = { image_source: 'http://192.0.2.1/disk.raw', image_checksum: 'a'.repeat(64) };

async function deployed(site: RedfishSite, machine: NetworkMachine): Promise<Node> {
  await site.provision('provide');
  const { status } = await site.call('PUT', '/v1/nodes/bm1/states/provision', { target: 'active' });
  assert.equal(status, 202);
  for (let turn = 0; turn < 60; turn += 1) {
    const node = await site.pump();
    if (node.run?.flow === 'deploy' && node.run.ended) return node;
    await machine.live();
    site.agent.finish();
    site.time += 10_000;
  }
  throw new Error('the deploy does not end');
}

async function prepared(t: TestContext, given: Record<string, unknown> = {}, info: Record<string, unknown> = {}) {
  const site = await redfishSite((close) => t.after(close));
  site.agent.reachable = false;
  await site.verified(info, { instance_info: IMAGE, ...given });
  const machine = new NetworkMachine(site);
  // While a run looks at the BMC, the machine goes on with what it does.
  const { onPause } = site.workflow;
  site.workflow.onPause = (seconds) => {
    onPause(seconds);
    const told = site.agent.reachable && site.agent.began.at(-1) === 'power_off';
    if (!told || ignoresPowerOff.has(site)) return;
    machine.goOff();
  };
  return { site, machine };
}
const ignoresPowerOff = new WeakSet<RedfishSite>();

describe('a deploy through a BMC', () => {
  it('boots the ramdisk once from the network and the instance from its disk', async (t) => {
    const { site, machine } = await prepared(t);
    const node = await deployed(site, machine);
    assert.deepEqual([node.provision_state, node.power_state, node.last_error], ['active', 'power on', null]);
    await machine.live();
    assert.deepEqual(machine.boots, ['Pxe', 'Hdd']);
    assert.equal(site.bmc.boot.BootSourceOverrideEnabled, 'Continuous');
  });

  it('lets the agent switch the machine off itself: what it has written reaches the disk', async (t) => {
    const { site, machine } = await prepared(t);
    const node = await deployed(site, machine);
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.bmc.resets(), ['On', 'On']);
  });

  it('forces it off when the agent did not', async (t) => {
    const { site, machine } = await prepared(t);
    ignoresPowerOff.add(site);
    const node = await deployed(site, machine);
    assert.equal(node.provision_state, 'active');
    assert.deepEqual(site.bmc.resets(), ['On', 'ForceOff', 'On']);
    assert.ok((await site.history()).some((line) => /forced one: the agent did not switch it off/.test(line)));
  });

  it('boots the ramdisk from an ISO of this node, and takes it out for the instance', async (t) => {
    const iso = 'http://192.0.2.1/agent.iso?node={node}';
    const { site, machine } = await prepared(t, { boot_interface: 'redfish-virtual-media' }, { deploy_iso: iso });
    const node = await deployed(site, machine);
    assert.equal(node.provision_state, 'active');
    await machine.live();
    assert.deepEqual(machine.boots, ['Cd', 'Hdd']);
    const inserted = site.bmc.asked.find(({ path }) => path.endsWith('InsertMedia'));
    assert.equal(inserted?.body['Image'], `http://192.0.2.1/agent.iso?node=${node.uuid}`);
    assert.equal(site.bmc.medium, null);
  });

  it('tells the ramdisk where to report, on a second medium, and takes that out too', async (t) => {
    const info = { deploy_iso: 'http://192.0.2.1/agent.iso' };
    const { site, machine } = await prepared(t, { boot_interface: 'redfish-virtual-media' }, info);
    const parameters = 'http://192.0.2.1/parameters.iso';
    site.services.configuration.parametersIso = parameters;
    site.bmc.stick = null;
    const node = await deployed(site, machine);
    assert.equal(node.provision_state, 'active');
    const inserted = site.bmc.asked.filter(({ path }) => path.endsWith('InsertMedia')).map(({ body }) => body['Image']);
    assert.deepEqual(inserted, [info.deploy_iso, parameters]);
    assert.deepEqual([site.bmc.medium, site.bmc.stick], [null, null]);
  });

  for (const [bmc, stick] of [
    ['has one slot only', undefined],
    ["has an operator's medium in the other slot", 'http://192.0.2.1/mine.img'],
  ] as const) {
    it(`goes by the ISO alone when the BMC ${bmc}`, async (t) => {
      const info = { deploy_iso: 'http://192.0.2.1/agent.iso' };
      const { site, machine } = await prepared(t, { boot_interface: 'redfish-virtual-media' }, info);
      site.services.configuration.parametersIso = 'http://192.0.2.1/parameters.iso';
      site.bmc.stick = stick;
      assert.equal((await deployed(site, machine)).provision_state, 'active');
      assert.deepEqual([site.bmc.medium, site.bmc.stick], [null, stick]);
    });
  }

  describe('with boot_interface redfish-https', () => {
    const HTTPS = { boot_interface: 'redfish-https' };
    const iso = 'http://192.0.2.1/agent.iso?node={node}';

    it('boots the ramdisk once from the address of its ISO, and the instance from its disk', async (t) => {
      const { site, machine } = await prepared(t, HTTPS, { deploy_iso: iso });
      const node = await deployed(site, machine);
      assert.deepEqual([node.provision_state, node.last_error], ['active', null]);
      await machine.live();
      assert.deepEqual(machine.boots, ['UefiHttp', 'Hdd']);
      const boots = site.bmc.asked.flatMap(({ method, body }) => (method === 'PATCH' ? [body['Boot']] : []));
      assert.deepEqual(boots, [
        {
          BootSourceOverrideTarget: 'UefiHttp',
          BootSourceOverrideEnabled: 'Once',
          HttpBootUri: `http://192.0.2.1/agent.iso?node=${node.uuid}`,
        },
        { BootSourceOverrideTarget: 'Hdd', BootSourceOverrideEnabled: 'Continuous' },
      ]);
      assert.equal(site.bmc.medium, null);
    });

    it('fails at a BMC that takes no address, and nothing boots', async (t) => {
      const { site, machine } = await prepared(t, HTTPS, { deploy_iso: iso });
      site.bmc.boot.HttpBootUri = undefined;
      const node = await deployed(site, machine);
      assert.equal(node.provision_state, 'deploy failed');
      assert.match(
        node.last_error ?? '',
        /boot device pxe could not be set: BMC \S+ it takes no address for UEFI HTTP/,
      );
      assert.deepEqual(machine.boots, []);
    });
  });

  it('without an ISO for virtual media is refused before anything starts', async (t) => {
    const { site } = await prepared(t, { boot_interface: 'redfish-virtual-media' });
    await site.provision('provide');
    const answer = await site.call('PUT', '/v1/nodes/bm1/states/provision', { target: 'active' });
    assert.equal(answer.status, 400);
    assert.match(JSON.stringify(answer.json), /needs the URL of an agent ISO in driver_info\/deploy_iso/);
    assert.deepEqual(site.bmc.resets(), []);
  });

  for (const [fault, step] of [
    ['lies-about-power', 'power on'],
    ['unavailable', 'boot device pxe'],
  ] as const) {
    it(`fails with a reason when the BMC ${fault}`, async (t) => {
      const { site, machine } = await prepared(t);
      await site.provision('provide');
      site.bmc.fail(fault);
      await site.call('PUT', '/v1/nodes/bm1/states/provision', { target: 'active' });
      const node = await site.pump();
      assert.equal(node.provision_state, 'deploy failed');
      assert.match(node.last_error ?? '', new RegExp(step));
      assert.match(node.last_error ?? '', /BMC http:\S+/);
      assert.deepEqual(machine.boots, []);
    });
  }
});
