import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { RuntimeOptions } from '../../infra/local/runtime.ts';
import type { GivenConfiguration } from '../../shared/configuration.ts';
import type { JsonObject } from '../../shared/json.ts';
import { Rack } from '../rack/rack.ts';
import type { VirtualMachine } from '../rack/virtual-machine.ts';
import { until } from '../until.ts';
import { IMAGE, Stage } from './stage.ts';

const shape = { driver: 'fake-hardware', state: 'manageable', provide_when_present: true } as const;
const rack7 = { name: 'rack-7', conditions: {}, outcome: 'enroll', node: shape, limits: {} } as const;
const CONFIGURATION: GivenConfiguration = {
  enrollment: { unknown: 'deny', policies: [rack7] },
  heartbeatIntervalSeconds: 60,
};
const WAITS_SECONDS = 30;

/** Machines that enrol themselves as `manageable`, and a sweep that looks four times a second unless it is told otherwise. */
class Site {
  readonly stage: Stage;
  readonly rack: Rack;
  #machines = 0;

  constructor(stage: Stage) {
    this.stage = stage;
    this.rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
  }

  static async open(configuration: GivenConfiguration = {}, options: Partial<RuntimeOptions> = {}): Promise<Site> {
    const both = { ...CONFIGURATION, ...configuration };
    return new Site(await Stage.open({ configuration: both, sweepSeconds: 0.25, ...options }));
  }

  async boots(machine = this.next()): Promise<{ machine: VirtualMachine; uuid: string }> {
    machine.powerOn();
    const uuid = await until('the machine to find its node', async () => machine.uuid, WAITS_SECONDS);
    return { machine, uuid };
  }

  next(): VirtualMachine {
    this.#machines += 1;
    return this.rack.add({ macs: [`52:54:00:00:77:0${this.#machines}`], serial: `P${this.#machines}` });
  }

  /** It gets a token again once its last boot has been silent for as long as that was told. */
  async reboots(machine: VirtualMachine, uuid: string): Promise<void> {
    const { sessions } = this.stage.runtime.services;
    const before = (await sessions.get(uuid))?.generation ?? 0;
    await machine.reboot();
    await until(
      'it to register and beat',
      async () => {
        const session = await sessions.get(uuid);
        return session && session.generation > before ? session.bootFingerprint : undefined;
      },
      WAITS_SECONDS,
    );
  }

  available = (uuid: string) => this.stage.reached(uuid, 'available', WAITS_SECONDS);
  state = async (uuid: string) => (await this.stage.node(uuid))['provision_state'];

  /** Somebody else was provided twice, one after the other: the first of the two sweeps has looked at everybody. */
  async sweeps(): Promise<void> {
    for (let times = 0; times < 2; times += 1) await this.available((await this.boots()).uuid);
  }

  async history(uuid: string): Promise<JsonObject[]> {
    const { history } = await this.stage.operator('GET', `/v1/nodes/${uuid}/history?detail=true`, 200);
    return history as JsonObject[];
  }

  async close(): Promise<void> {
    await this.rack.close();
    await this.stage.close();
  }
}

describe('a machine that enrols itself as manageable, over HTTP', () => {
  let site: Site;
  before(async () => {
    site = await Site.open({ heartbeatIntervalSeconds: 3 });
  });
  after(() => site.close());

  it('becomes available by its own beat, and its history tells who did it and why', async () => {
    const { uuid } = await site.boots();
    const node = await site.available(uuid);
    assert.deepEqual(node['driver_info'], { provide_when_present: true });
    const texts = (await site.history(uuid)).map(({ user, event }) => `${user}: ${event}`);
    const asked = texts.find((text) => text.startsWith('policy: Policy asks for provide: manageable → cleaning'));
    assert.match(
      asked ?? texts.join('\n'),
      /the machine registered itself at .*driver_info\.provide_when_present is true/,
    );
    assert.ok(texts.includes('policy: provide begins'), texts.join('\n'));
  });

  it('stays with an operator who says manage, and is available again when it boots again', async () => {
    const { machine, uuid } = await site.boots();
    await site.available(uuid);
    await site.stage.ask(uuid, 'manage');
    await site.sweeps();
    assert.equal(await site.state(uuid), 'manageable');
    const { provide } = await site.stage.operator('GET', `/v1/nodeless/explain/${uuid}`, 200);
    assert.deepEqual(provide, { ready: false, reason: 'its machine has not registered since it is manageable' });
    await site.reboots(machine, uuid);
    await site.available(uuid);
  });

  it('stays in maintenance until that ends', async () => {
    const { machine, uuid } = await site.boots();
    await site.available(uuid);
    await site.stage.ask(uuid, 'manage');
    await site.stage.operator('PUT', `/v1/nodes/${uuid}/maintenance`, 202, { reason: 'a new card' });
    await site.reboots(machine, uuid);
    await site.sweeps();
    assert.equal(await site.state(uuid), 'manageable');
    await site.stage.operator('DELETE', `/v1/nodes/${uuid}/maintenance`, 202);
    await site.available(uuid);
  });
});

describe('a machine that is to be provided, over HTTP', () => {
  it('is cleaned first where that is on, stays present, and is deployed, all of it without a reboot', async () => {
    const policies = [{ ...rack7, node: { ...shape, driver: 'manual' } }];
    const enrollment = { unknown: 'deny', policies } as const;
    const site = await Site.open({ enrollment, automatedClean: true });
    try {
      const { machine, uuid } = await site.boots();
      await site.available(uuid);
      const commands = machine.commandsSeen.map(({ name }) => name);
      assert.ok(commands.includes('clean.execute_clean_step'), commands.join(', '));
      assert.equal(machine.state, 'ramdisk');
      await site.stage.operator('PATCH', `/v1/nodes/${uuid}`, 200, [
        { op: 'add', path: '/instance_info', value: IMAGE },
      ]);
      await site.stage.ask(uuid, 'active');
      await site.stage.reached(uuid, 'active', WAITS_SECONDS);
      const texts = (await site.history(uuid)).map(({ event }) => String(event));
      for (const flow of ['provide', 'deploy']) {
        assert.ok(texts.includes(`${flow}: rebooting is not needed: the machine is present`), texts.join('\n'));
      }
    } finally {
      await site.close();
    }
  });

  it('waits while limits.stopAll is on', async () => {
    const warned: unknown[] = [];
    const quiet = () => undefined;
    const log = { info: quiet, error: quiet, warn: (_what: string, more?: object) => void warned.push(more) };
    const site = await Site.open({ limits: { stopAll: true } }, { log });
    try {
      const { uuid } = await site.boots();
      await until('the sweep to say so', async () => warned[0], WAITS_SECONDS);
      assert.match(JSON.stringify(warned[0]), /limits\.stopAll is on/);
      assert.equal(await site.state(uuid), 'manageable');
      site.stage.runtime.services.configuration.limits.stopAll = false;
      await site.available(uuid);
    } finally {
      await site.close();
    }
  });

  it('gets one run, however many sweep at once', async () => {
    const site = await Site.open({}, { sweepSeconds: 3600 });
    try {
      const { services } = site.stage.runtime;
      const { uuid } = await site.boots();
      await until('it to beat', async () => (await services.sessions.get(uuid))?.bootFingerprint, WAITS_SECONDS);
      await Promise.all(Array.from({ length: 4 }, () => sweepHandler(services)()));
      await site.available(uuid);
      assert.equal((await services.nodes.get(uuid))?.run_sequence, 1);
      const begun = (await site.history(uuid)).filter(({ event }) => event === 'provide begins');
      assert.equal(begun.length, 1);
    } finally {
      await site.close();
    }
  });
});
