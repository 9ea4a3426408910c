import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { MASK } from '../../shared/node/node.ts';
import { readIso } from '../fakes/read-iso.ts';
import { BMC_PASSWORD, RedfishBmc } from '../fakes/redfish-bmc.ts';
import { serveImage } from './image.ts';
import { installedAgent } from './install.ts';
import { eventually, type NodeDocument, Operator } from './operator.ts';
import { type MachineOptions, StockAgent } from './stock-agent.ts';

const installed = installedAgent();
if ('skipped' in installed) console.log(`skipped: ${installed.skipped}`);

const HEARTBEAT_SECONDS = 6;
/** Of the machine that dies. */
const DEADLINE_SECONDS = 30;
const macOf = () => `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

describe('ironic-python-agent 13.0.0', { skip: 'skipped' in installed ? installed.skipped : false }, async () => {
  if ('skipped' in installed) return;
  const { executable } = installed;
  const root = mkdtempSync(join(tmpdir(), 'nodeless-stock-'));
  const image = await serveImage();
  const runtime = await startRuntime({
    operatorPort: 0,
    agentPort: 0,
    host: '127.0.0.1',
    log: silentLog,
    timeScale: 0.1,
    configuration: {
      heartbeatIntervalSeconds: HEARTBEAT_SECONDS,
      enrollment: { unknown: 'enroll', driver: 'fake-hardware', state: 'manageable' },
    },
  });
  after(async () => {
    await runtime.close();
    await image.close();
    rmSync(root, { recursive: true, force: true });
  });
  const operator = new Operator(runtime.operatorUrl);

  function machine(t: TestContext, more: Partial<MachineOptions> = {}) {
    const serial = `STOCK-${randomBytes(4).toString('hex')}`;
    const given = { folder: join(root, serial), agentUrl: runtime.agentUrl, macs: [macOf()], serial, ...more };
    const agent = new StockAgent(executable, given);
    t.after(async () => {
      await agent.kill();
      assert.equal(agent.refused, undefined);
    });
    return { agent, given, mac: given.macs[0] ?? '', serial };
  }

  /** The agent's last words are the best explanation of a failure. */
  async function explained(t: TestContext, agent: StockAgent, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      t.diagnostic(agent.log);
      throw error;
    }
  }

  const present = (uuid: string) =>
    eventually('the first heartbeat', async () => ((await runtime.services.sessions.get(uuid))?.lastBeatAt ?? 0) > 0);

  function wroteImage(agent: StockAgent): void {
    assert.ok(agent.disk.subarray(0, image.image.length).equals(image.image), 'the disk is not the image');
  }

  it('deploys a machine that was registered by its MAC', async (t) => {
    const { agent, mac } = machine(t);
    await explained(t, agent, async () => {
      const uuid = await operator.register(mac, image.instanceInfo);
      await agent.boot();
      await present(uuid);
      await operator.provision(uuid, 'active');
      await operator.until(uuid, 'active');
      wroteImage(agent);
    });
  });

  it('reads its token from the medium at its BMC, where lookup gives it to nobody, and is deployed', async (t) => {
    const { agent, given, mac } = machine(t);
    const bmc = await new RedfishBmc().start();
    t.after(() => bmc.close());
    bmc.stick = null;
    const told: string[] = [];
    const read = async (url: string): Promise<string> =>
      readIso(Buffer.from(await (await fetch(url)).arrayBuffer())).rockRidge.get('parameters.txt') ?? '';
    let resets = 0;
    const boot = async () => {
      const mine = resets;
      given.medium = await read(bmc.stick ?? '');
      const headers = { 'X-OpenStack-Ironic-API-Version': '1.62' };
      const stranger = await fetch(`${runtime.agentUrl}/v1/lookup?addresses=${mac}`, { headers });
      const { config } = (await stranger.json()) as { config: { agent_token: string } };
      told.push(config.agent_token);
      await agent.boot();
      void agent.gone.then(() => {
        if (resets === mine) bmc.power = 'Off';
      });
    };
    let booting: Promise<void> = Promise.resolve();
    bmc.onReset = (type) => {
      resets += 1;
      bmc.power = type === 'On' ? 'On' : 'Off';
      if (type !== 'On') void agent.kill();
      else if (bmc.boot.BootSourceOverrideTarget === 'Cd') {
        booting = boot();
        booting.catch(() => undefined);
      }
    };
    const { configuration } = runtime.services;
    t.after(() => {
      configuration.parametersIso = null;
    });
    configuration.parametersIso = `${runtime.agentUrl}/parameters/{medium}.iso`;
    await explained(t, agent, async () => {
      const { uuid } = await operator.call<NodeDocument>('POST', '/v1/nodes', {
        driver: 'redfish',
        boot_interface: 'redfish-virtual-media',
        driver_info: {
          redfish_address: bmc.url,
          redfish_username: 'admin',
          redfish_password: BMC_PASSWORD,
          deploy_iso: 'http://192.0.2.1/agent.iso',
          nodeless_deadlines: { deploy: 120 },
        },
        instance_info: image.instanceInfo,
      });
      await operator.call('POST', '/v1/ports', { node_uuid: uuid, address: mac });
      await operator.makeAvailable(uuid);
      await operator.provision(uuid, 'active');
      await operator.until(uuid, 'active', 180);
      await booting;
      wroteImage(agent);
      assert.deepEqual(told, [MASK]);
      assert.match(agent.fullLog, /The agent token has already been retrieved/);
      assert.match(given.medium ?? '', /^ipa-agent-token=[\w-]{43}$/m);
      assert.deepEqual([bmc.medium, bmc.stick], [null, null]);
    });
  });

  it('enrols a stranger by its inspection, and deploys it', async (t) => {
    const { agent, serial } = machine(t, { inspects: true });
    await explained(t, agent, async () => {
      await agent.boot();
      const find = async () => (await operator.nodes()).find((node) => node.properties['serial_number'] === serial);
      await eventually('the stranger is enrolled', async () => (await find()) !== undefined);
      const uuid = (await find())?.uuid ?? '';
      await present(uuid);
      await operator.call('PATCH', `/v1/nodes/${uuid}`, [
        { op: 'replace', path: '/deploy_interface', value: 'direct' },
        { op: 'add', path: '/instance_info', value: image.instanceInfo },
      ]);
      await operator.provision(uuid, 'provide');
      await operator.until(uuid, 'available');
      await operator.provision(uuid, 'active');
      await operator.until(uuid, 'active');
      wroteImage(agent);
    });
  });

  it('fails a deploy whose machine dies, names the step, and deploys its next boot', async (t) => {
    const { agent, given, mac } = machine(t, { dawdlePriority: 85 });
    await explained(t, agent, async () => {
      const uuid = await operator.register(mac, image.instanceInfo);
      const path = '/driver_info/nodeless_deadlines';
      const patch = (operation: object) => operator.call('PATCH', `/v1/nodes/${uuid}`, [{ path, ...operation }]);
      await patch({ op: 'add', value: { deploy: DEADLINE_SECONDS } });
      await agent.boot();
      await present(uuid);
      await operator.provision(uuid, 'active');
      await eventually('the agent works on the step', () => /execut\w+ .*dawdle|dawdle.*execut/i.test(agent.fullLog));
      await agent.kill();
      const failed = await operator.until(uuid, 'deploy failed');
      assert.match(failed.last_error ?? '', /dawdle/);
      await patch({ op: 'remove' });

      // Nobody is told which node it is while its deploy has failed: the next deploy comes first, and waits for the boot.
      await operator.provision(uuid, 'active');
      await operator.until(uuid, 'wait call-back');
      const next = new StockAgent(executable, { ...given, dawdlePriority: 0 });
      t.after(() => next.kill());
      await next.boot();
      await operator.until(uuid, 'active');
      wroteImage(next);
    });
  });
});
