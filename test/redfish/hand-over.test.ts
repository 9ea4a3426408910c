import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { besideOf } from '../../shared/boot/hand-over.ts';
import { mediumName } from '../../shared/boot/medium-name.ts';
import { MASK, type Node } from '../../shared/node/node.ts';
import { MAC, MEDIA, MediumMachine, parametersOn } from './medium-machine.ts';
import { type RedfishSite, redfishSite } from './redfish-site.ts';

const IMAGE = { image_source: 'http://192.0.2.1/disk.raw', image_checksum: 'a'.repeat(64) };
const ISO = 'http://192.0.2.1/agent.iso';
const MEDIUM = /\/parameters\/([0-9a-f-]{36}\.\d+\.[\w-]{43})\.iso$/;

async function prepared(t: TestContext, given: Record<string, unknown> = {}, info: Record<string, unknown> = {}) {
  const site = await redfishSite((close) => t.after(close));
  site.agent.reachable = false;
  site.bmc.stick = null;
  site.services.configuration.parametersIso = MEDIA;
  const node = { instance_info: IMAGE, boot_interface: 'redfish-virtual-media', inspect_interface: 'agent', ...given };
  const { uuid } = await site.verified({ deploy_iso: ISO, ...info }, node);
  await site.call('POST', '/v1/ports', { node_uuid: uuid, address: MAC });
  const machine = new MediumMachine(site);
  const { onPause } = site.workflow;
  site.workflow.onPause = (seconds) => {
    onPause(seconds);
    if (site.agent.reachable && site.agent.began.at(-1) === 'power_off') machine.goOff();
  };
  return { site, machine };
}

async function asked(site: RedfishSite, target: string, more: Record<string, unknown> = {}): Promise<void> {
  const { status, json } = await site.call('PUT', '/v1/nodes/bm1/states/provision', { target, ...more });
  assert.equal(status, 202, JSON.stringify(json));
}

/** Until its run ends, or `until` says that it is far enough. */
async function lived(
  site: RedfishSite,
  machine: MediumMachine,
  until: (node: Node) => boolean = () => false,
): Promise<Node> {
  for (let turn = 0; turn < 60; turn += 1) {
    const node = await site.pump();
    if (!node.run || node.run.ended || until(node)) return node;
    await machine.live();
    site.agent.finish();
    site.time += 10_000;
  }
  throw new Error('the run does not end');
}

async function deployed(site: RedfishSite, machine: MediumMachine): Promise<Node> {
  await site.provision('provide');
  await asked(site, 'active');
  return lived(site, machine);
}

/** The medium is in, the machine is on, and nobody has booted yet. */
async function aboutToBoot(t: TestContext): Promise<{ site: RedfishSite; machine: MediumMachine; medium: string }> {
  const { site, machine } = await prepared(t);
  await site.provision('provide');
  await asked(site, 'active');
  await site.pump();
  assert.equal(site.bmc.power, 'On');
  return { site, machine, medium: site.bmc.stick ?? '' };
}

describe('the token on virtual media', () => {
  it('reaches the agent without a lookup that gives one, and the deploy ends', async (t) => {
    const { site, machine } = await prepared(t);
    const node = await deployed(site, machine);
    assert.deepEqual([node.provision_state, node.last_error], ['active', null]);
    await machine.live();
    assert.deepEqual(machine.boots, ['Cd', 'Hdd']);
    assert.deepEqual(machine.lookups, [MASK]);
    assert.match(machine.media[0] ?? '', MEDIUM);
    assert.deepEqual([...site.agent.tokens], machine.tokens);
    assert.deepEqual([site.bmc.medium, site.bmc.stick], [null, null]);
  });

  it('goes in while the machine is off: an instance that runs cannot read it', async (t) => {
    const { site, machine } = await prepared(t);
    site.bmc.power = 'On';
    const powers: string[] = [];
    site.carry = new Proxy(site.carry, {
      apply: (carry, self, [exchange]) => {
        if (MEDIUM.test(String(exchange.body?.Image))) powers.push(site.bmc.power);
        return Reflect.apply(carry, self, [exchange]);
      },
    });
    assert.equal((await deployed(site, machine)).provision_state, 'active');
    assert.deepEqual(powers, ['Off']);
  });

  it('is what a stranger with its MAC does not get', async (t) => {
    const { site, machine } = await aboutToBoot(t);
    assert.equal(await machine.lookUp(), MASK);
    const uuid = (await site.node()).uuid;
    const again = await machine.call('GET', `/v1/lookup?addresses=${MAC}&node_uuid=${uuid}`);
    assert.equal(again.json.config.agent_token, MASK);
    const legacy = await machine.call('POST', '/v1/drivers/agent_ipmitool/vendor_passthru/lookup', {
      version: '2',
      inventory: { interfaces: [{ name: 'eth0', mac_address: MAC }] },
    });
    assert.equal(legacy.status, 404);
    assert.equal((await lived(site, machine)).provision_state, 'active');
  });

  it('is on the medium until the first beat, to whoever has its address, and on no other', async (t) => {
    const { site, machine, medium } = await aboutToBoot(t);
    const read = async (path: string) => {
      const { status, bytes } = await machine.call('GET', path);
      return [status, parametersOn(bytes)['ipa-agent-token'] !== undefined];
    };
    assert.deepEqual(await read(medium), [200, true]);
    assert.deepEqual(await read(medium), [200, true], 'a BMC reads it in pieces');
    assert.deepEqual(await read(medium.replace('/parameters/', '/join/abc/parameters/')), [200, true]);
    const name = MEDIUM.exec(medium)?.[1] ?? '';
    const [uuid = '', generation = '', seal = ''] = name.split('.');
    const forged = [
      `${uuid}.${Number(generation) + 1}.${seal}`,
      `${uuid}.${Number(generation) - 1}.${seal}`,
      `${uuid}.0${generation}.${seal}`,
      `${uuid.replace(/^./, (first) => (first === '0' ? '1' : '0'))}.${generation}.${seal}`,
      `${uuid}.${generation}.${seal.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))}`,
      `${uuid}.${generation}.${seal.slice(1)}`,
      `${uuid}.${generation}.`,
      uuid,
      '..',
    ];
    const nobody = mediumName(await site.services.tokenKey(), randomUUID(), 1);
    const unknown = await machine.call('GET', `/parameters/${nobody}.iso`);
    for (const one of forged) {
      const answer = await machine.call('GET', `/parameters/${one}.iso`);
      assert.deepEqual([one, answer.status, answer.json], [one, 404, unknown.json]);
    }
    await machine.live();
    assert.deepEqual(await read(medium), [200, false], 'an agent that is started anew still reads where to report');
    assert.equal((await lived(site, machine)).provision_state, 'active');
  });

  it('is dead for the agent of the last boot, and for one that has it from there', async (t) => {
    const { site, machine } = await prepared(t);
    assert.equal((await deployed(site, machine)).provision_state, 'active');
    const [old] = machine.tokens;
    await asked(site, 'rebuild');
    await site.pump();
    assert.equal(await machine.beat(old), false);
    assert.equal(await machine.lookUp(), MASK);
    assert.equal((await lived(site, machine)).provision_state, 'active');
    assert.equal(new Set(machine.tokens).size, 2);
  });

  it('of one who beat with it before the machine was switched on is no good to him', async (t) => {
    const { site, machine } = await prepared(t);
    await site.provision('provide');
    let thief: string | undefined;
    const { carry } = site;
    site.carry = async (exchange) => {
      const reply = await carry(exchange);
      const image = String(exchange.body?.['Image']);
      if (MEDIUM.test(image)) {
        thief = parametersOn((await machine.call('GET', image)).bytes)['ipa-agent-token'];
        assert.equal(await machine.beat(thief, 'https://10.6.6.6:9999'), true);
      }
      return reply;
    };
    await asked(site, 'active');
    const node = await lived(site, machine);
    assert.equal(node.provision_state, 'active');
    assert.ok(thief !== undefined && !site.agent.tokens.has(thief));
  });

  it('comes by lookup, as ever, where the BMC has no free slot', async (t) => {
    for (const stick of [undefined, 'http://192.0.2.1/mine.img']) {
      const { site, machine } = await prepared(t);
      site.bmc.stick = stick;
      machine.readsMedia = false;
      assert.equal((await deployed(site, machine)).provision_state, 'active');
      assert.deepEqual(machine.lookups, machine.tokens);
      assert.equal(site.bmc.stick, stick);
      assert.ok((await site.history()).some((line) => /no free slot for the agent token: lookup gives it/.test(line)));
    }
  });

  for (const [what, given, info] of [
    ['that may not be switched off', { disable_power_off: true }, {}],
    ['whose agent may beat without a token', {}, { legacy_heartbeat: true }],
  ] as const) {
    it(`is not on the medium of a machine ${what}: that has the address only`, async (t) => {
      const { site, machine } = await prepared(t, given, info);
      await site.provision('provide');
      await asked(site, 'active');
      const booting = await lived(site, machine, () => site.bmc.stick !== null);
      assert.equal(booting.provision_state, 'wait call-back');
      assert.equal(site.bmc.stick, MEDIA.replace('{medium}', 'address'));
      const parameters = parametersOn((await machine.call('GET', site.bmc.stick)).bytes);
      assert.equal(parameters['ipa-api-url'], 'http://agents.example.org');
      assert.deepEqual([parameters['ipa-agent-token'], (await machine.lookUp())?.length], [undefined, 43]);
    });
  }

  for (const [trouble, inserts] of [
    ['Advance dies between the issue and the medium', 2],
    ['Advance dies when the medium is in', 1],
    ['a relay has no answer yet', 2],
  ] as const) {
    it(`is the same one when ${trouble}`, async (t) => {
      const { site, machine } = await prepared(t);
      await site.provision('provide');
      const { carry } = site;
      const images: string[] = [];
      site.carry = async (exchange) => {
        const image = String(exchange.body?.['Image']);
        if (MEDIUM.test(image) && images.push(image) === 1) {
          if (trouble === 'a relay has no answer yet') return { kind: 'pending' };
          if (inserts === 1) await carry(exchange);
          throw new Error('the process is gone');
        }
        return carry(exchange);
      };
      await asked(site, 'active');
      await site.pump();
      if (trouble === 'a relay has no answer yet') {
        site.workflow.kill();
        await site.sweep();
      }
      assert.equal((await lived(site, machine)).provision_state, 'active');
      assert.deepEqual([images.length, new Set(images).size], [inserts, 1]);
      assert.deepEqual(machine.lookups, [MASK]);
    });
  }

  it('stays the one of its boot when a task that was given up asks again after the agent has come', async (t) => {
    const { site, machine } = await aboutToBoot(t);
    const late = await site.node();
    await machine.live();
    const before = await site.services.sessions.get(late.uuid);
    assert.equal(before?.lastBeatAt, site.time);
    const cursor = late.run?.phases.findIndex((phase) => phase.kind === 'boot-device' && phase.handOver) ?? -1;
    const asleep = { ...late, run: late.run && { ...late.run, cursor } };
    await besideOf(asleep, true, site.services);
    assert.deepEqual(await site.services.sessions.get(late.uuid), before);
  });

  it('is another one after a reboot that a step asked for', async (t) => {
    const { site, machine } = await prepared(t);
    const steps = [{ interface: 'firmware', step: 'update', args: {} }];
    await asked(site, 'clean', { clean_steps: steps });
    const node = await lived(site, machine);
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(machine.boots, ['Cd', 'Cd']);
    assert.deepEqual(machine.lookups, [MASK, MASK]);
    assert.equal(new Set(machine.tokens).size, 2);
    assert.equal(new Set(machine.media).size, 2);
  });

  it('serves an inspection, also when its run has ended before the agent asks who it is', async (t) => {
    const { site, machine } = await prepared(t);
    await asked(site, 'inspect');
    await site.pump();
    const inventory = {
      interfaces: [{ name: 'eth0', mac_address: MAC }],
      cpu: { count: 1 },
      memory: { physical_mb: 1024 },
    };
    const posted = await machine.call('POST', '/v1/continue_inspection', { inventory });
    assert.equal(posted.status, 200);
    assert.equal(JSON.stringify(posted.json).includes('token'), false);
    const node = await site.pump();
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    await machine.live();
    assert.deepEqual([machine.lookups.length, site.agent.reachable], [1, true]);
    assert.equal((await site.services.sessions.get(node.uuid))?.generation, node.run?.generation, 'this boot is ours');
  });

  it('is on a new medium when a machine that is present is inspected again', async (t) => {
    const { site, machine } = await prepared(t);
    const { uuid } = await site.provision('provide');
    await asked(site, 'manage');
    await asked(site, 'clean', { clean_steps: [{ interface: 'deploy', step: 'erase_devices_metadata' }] });
    assert.equal((await lived(site, machine)).provision_state, 'manageable');
    assert.equal(site.agent.reachable, true);
    const [first] = machine.tokens;
    await asked(site, 'inspect');
    await site.pump();
    assert.match(site.bmc.stick ?? '', new RegExp(`/${uuid}\\.`));
    assert.equal(await machine.beat(first), false);
    await machine.live();
    assert.deepEqual(
      [machine.boots, machine.lookups],
      [
        ['Cd', 'Cd'],
        [MASK, MASK],
      ],
    );
  });

  it('tells a person what the ISO needs when nobody beats, and dies with the run', async (t) => {
    const { site, machine, medium } = await aboutToBoot(t);
    machine.readsMedia = false;
    const node = await lived(site, machine, ({ run }) => run?.waiting != null);
    assert.match(node.run?.waiting?.for ?? '', /boot_method=vmedia/);
    await machine.live();
    assert.deepEqual([machine.lookups, site.agent.reachable], [[MASK], false]);
    site.time += 3_600_000;
    site.workflow.kill();
    await site.sweep();
    for (let turn = 0; turn < 5; turn += 1) {
      site.time += 600_000;
      site.workflow.kill();
      await site.sweep();
      await site.pump();
    }
    const failed = await site.node();
    assert.equal(failed.provision_state, 'deploy failed');
    assert.match(failed.last_error ?? '', /boot_method=vmedia/);
    assert.equal(parametersOn((await machine.call('GET', medium)).bytes)['ipa-agent-token'], undefined);
    machine.readsMedia = true;
    assert.equal((await deployedAgain(site, machine)).provision_state, 'active');
  });

  it('dies when an operator breaks the run off', async (t) => {
    const { site, machine, medium } = await aboutToBoot(t);
    const token = parametersOn((await machine.call('GET', medium)).bytes)['ipa-agent-token'];
    await asked(site, 'deleted');
    assert.equal(await machine.beat(token), false);
    assert.equal(parametersOn((await machine.call('GET', medium)).bytes)['ipa-agent-token'], undefined);
  });

  it('and the address of its medium are in no row, event, log, error or answer to an operator', async (t) => {
    const { site, machine, medium } = await aboutToBoot(t);
    const token = parametersOn((await machine.call('GET', medium)).bytes)['ipa-agent-token'] ?? '';
    const seal = MEDIUM.exec(medium)?.[1]?.split('.')[2] ?? '';
    assert.deepEqual([token.length, seal.length], [43, 43]);
    const { json } = await site.call('GET', '/v1/nodes/bm1/vmedia');
    assert.equal(json.length, 2);
    assert.match(JSON.stringify(json), /\/parameters\/[0-9a-f-]{36}\.\d+\.\*{6}/);
    const written = (await site.everythingWritten()) + JSON.stringify(json);
    for (const secret of [token, seal]) assert.equal(written.includes(secret), false);
    assert.ok(written.includes('token-handed-over'), 'that it was read is in the log');
  });

  it('is not in an error of a BMC that quotes what it could not fetch', async (t) => {
    const { site } = await prepared(t);
    await site.provision('provide');
    const { carry } = site;
    let image = '';
    site.carry = async (exchange) => {
      if (!MEDIUM.test(String(exchange.body?.['Image']))) return carry(exchange);
      image = String(exchange.body?.['Image']);
      const error = { error: { '@Message.ExtendedInfo': [{ Message: `Could not mount ${image} (404)` }] } };
      return { kind: 'answered', status: 400, headers: {}, body: error };
    };
    await asked(site, 'active');
    const node = await site.pump();
    assert.match(node.last_error ?? '', /Could not mount http:\S+\.\*{6}\.iso \(404\)/);
    const seal = MEDIUM.exec(image)?.[1]?.split('.')[2] ?? '';
    assert.equal((await site.everythingWritten()).includes(seal), false);
  });
});

async function deployedAgain(site: RedfishSite, machine: MediumMachine): Promise<Node> {
  await asked(site, 'active');
  return lived(site, machine);
}
