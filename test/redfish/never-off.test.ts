import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Node } from '../../shared/node/node.ts';
import { NetworkMachine } from './network-machine.ts';
import { type RedfishSite, redfishSite } from './redfish-site.ts';

const IMAGE = { image_source: 'http://192.0.2.1/disk.raw', image_checksum: 'a'.repeat(64) };
const BURN_IN = [{ interface: 'deploy', step: 'burnin_cpu' }];
const ERASE = [{ interface: 'deploy', step: 'erase_devices' }];

async function prepared(t: TestContext, provision_state: string, given: Partial<Node> = {}) {
  const site = await redfishSite((close) => t.after(close));
  site.bmc.power = 'On';
  site.agent.reachable = false;
  const interfaces = { inspect_interface: 'agent', rescue_interface: 'agent' };
  const node = await site.verified({}, { instance_info: IMAGE, disable_power_off: true, ...interfaces });
  await site.nodes.replace({ ...node, provision_state, ...given });
  site.services.configuration.fastTrack = false;
  return { site, machine: new NetworkMachine(site) };
}

/** To the end of the run that the verb starts. */
async function carriedOut(site: RedfishSite, machine: NetworkMachine, target: string, more = {}): Promise<Node> {
  const { status, json } = await site.call('PUT', '/v1/nodes/bm1/states/provision', { target, ...more });
  assert.equal(status, 202, JSON.stringify(json));
  for (let turn = 0; turn < 60; turn += 1) {
    const node = await site.pump();
    if (node.run?.ended) return node;
    await machine.live();
    if (node.run?.phases[node.run.cursor]?.kind === 'await-inspection') await posted(site);
    site.agent.finish();
    site.time += 10_000;
  }
  throw new Error(`${target} does not end`);
}

/** The ramdisk's inventory has come. */
async function posted(site: RedfishSite): Promise<void> {
  const node = await site.node();
  await site.nodes.replace({ ...node, inspection_finished_at: new Date(site.time).toISOString() });
  const session = await site.services.sessions.get(node.uuid);
  if (session?.taskToken) await site.workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
}

type Flow = [target: string, from: string, ends: string, resets: number, last: string[], more?: object, given?: object];
// biome-ignore format: a table reads best with its columns aligned
const FLOWS: Flow[] = [
  ['active',   'available',  'active',     2, ['sync', 'lockdown']],
  ['service',  'active',     'active',     2, ['sync', 'lockdown'], { service_steps: BURN_IN }],
  ['clean',    'manageable', 'manageable', 1, ['lockdown'], { clean_steps: ERASE }],
  ['inspect',  'manageable', 'manageable', 2, []],
  ['unrescue', 'rescue',     'active',     1, []],
  ['deleted',  'active',     'available',  1, []],
  ['deleted',  'active',     'available',  1, ['lockdown'], {}, { automated_clean: true }],
];

describe('a machine with disable_power_off', () => {
  it('whose cleaning is aborted is restarted from the network: its disk has the old instance still', async (t) => {
    const { site } = await prepared(t, 'manageable');
    const asked = { target: 'clean', clean_steps: ERASE };
    assert.equal((await site.call('PUT', '/v1/nodes/bm1/states/provision', asked)).status, 202);
    await site.pump();
    const before = site.bmc.asks().length;
    assert.equal((await site.call('PUT', '/v1/nodes/bm1/states/provision', { target: 'abort' })).status, 202);
    const node = await site.pump();
    assert.deepEqual([node.provision_state, node.run?.ended?.result], ['clean failed', 'failed']);
    const asks = site.bmc.asks().slice(before);
    const boot = asks.findIndex((line) => line.startsWith('PATCH'));
    assert.ok(boot >= 0 && boot < asks.findIndex((line) => /Reset/.test(line)), asks.join(', '));
    assert.ok(!site.bmc.resets().includes('ForceOff'));
  });

  for (const [target, from, ends, resets, last, more, given] of FLOWS) {
    const cleaned = given === undefined ? '' : ' with cleaning';
    it(`goes from ${from} by ${target}${cleaned} to ${ends} with ${resets} restart(s), and is never off`, async (t) => {
      const { site, machine } = await prepared(t, from, given);
      const node = await carriedOut(site, machine, target, more);
      assert.deepEqual([node.provision_state, node.power_state, node.last_error], [ends, 'power on', null]);
      assert.deepEqual(site.bmc.resets(), Array(resets).fill('ForceRestart'));
      assert.ok(!site.agent.began.includes('power_off'), site.agent.began.join());
      assert.deepEqual(site.agent.began.slice(site.agent.began.length - last.length), last);
      assert.equal((await site.services.sessions.get(node.uuid))?.tokenHash, undefined, 'its token is dead');
    });
  }

  it('is not switched off by a step either, which says why', async (t) => {
    const { site, machine } = await prepared(t, 'manageable');
    const steps = [{ interface: 'power', step: 'power_off' }];
    const node = await carriedOut(site, machine, 'clean', { clean_steps: steps, disable_ramdisk: true });
    assert.equal(node.provision_state, 'clean failed');
    assert.match(
      node.last_error ?? '',
      /power off \(a step asked for it\) is not allowed: disable_power_off.*Take the flag away/,
    );
    assert.deepEqual(site.bmc.resets(), []);
  });

  for (const target of ['power off', 'soft power off']) {
    it(`is not switched off by an operator who asks for ${target}`, async (t) => {
      const { site } = await prepared(t, 'active');
      assert.equal((await site.call('PUT', '/v1/nodes/bm1/states/power', { target })).status, 409);
      await site.pump();
      assert.deepEqual(site.bmc.resets(), []);
    });
  }

  it('is restarted when its run is aborted: that ends what its agent does', async (t) => {
    const { site, machine } = await prepared(t, 'manageable');
    await begunToErase(site, machine);
    const node = await site.provision('abort');
    assert.deepEqual(
      [node.provision_state, node.power_state, node.run?.ended?.result],
      ['clean failed', 'power on', 'failed'],
    );
    assert.deepEqual(site.bmc.resets(), ['ForceRestart', 'ForceRestart']);
  });
});

async function begunToErase(site: RedfishSite, machine: NetworkMachine): Promise<void> {
  await site.provision('clean', { clean_steps: ERASE });
  for (let turn = 0; turn < 10 && !site.agent.began.includes('execute_clean_step erase_devices'); turn += 1) {
    await machine.live();
    await site.pump();
    site.time += 10_000;
  }
  assert.equal((await site.node()).provision_state, 'clean wait');
}

describe('an abort', () => {
  for (const fastTrack of [true, false]) {
    it(`switches the machine off through its BMC ${fastTrack ? 'on the fast track, too' : ''}`, async (t) => {
      const { site, machine } = await prepared(t, 'manageable', { disable_power_off: false });
      site.services.configuration.fastTrack = fastTrack;
      await begunToErase(site, machine);
      const { uuid } = await site.node();
      const node = await site.provision('abort');
      assert.deepEqual(
        [node.provision_state, node.power_state, node.maintenance],
        ['clean failed', 'power off', false],
      );
      assert.equal(site.bmc.resets().at(-1), 'ForceOff');
      assert.equal((await site.services.sessions.get(uuid))?.tokenHash, undefined);
    });
  }

  it('that its BMC does not carry out says so beside who aborted, and its agent is heard no more', async (t) => {
    const { site, machine } = await prepared(t, 'manageable', { disable_power_off: false });
    await begunToErase(site, machine);
    site.bmc.fail('lies-about-power');
    const node = await site.provision('abort');
    assert.equal(node.provision_state, 'clean failed');
    assert.match(
      node.last_error ?? '',
      /^clean aborted by an operator in clean wait during step deploy\.erase_devices\. .*Power off .*not done after 8 looks.*console/,
    );
    assert.equal((await site.services.sessions.get(node.uuid))?.tokenHash, undefined);
  });
});
