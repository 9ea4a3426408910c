import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { quietPort } from '../../infra/local/quiet-port.ts';
import { Rack } from '../rack/rack.ts';
import { until } from '../until.ts';
import { CONFIGURATION, Stage } from './stage.ts';

const MAC = '52:54:00:00:10:01';
const COMMANDS = [
  'deploy.get_deploy_steps',
  'deploy.execute_deploy_step',
  'standby.get_partition_uuids',
  'image.install_bootloader',
  'standby.sync',
  'standby.run_image',
];

function rackAt(url: string): Rack {
  return new Rack({ apiUrl: url, timeScale: 20, random: () => 0.5 });
}

describe('a machine of the rack, over HTTP', () => {
  it('is continued by its first heartbeat and becomes active', async () => {
    const stage = await Stage.open();
    const rack = rackAt(stage.runtime.agentUrl);
    try {
      const uuid = await stage.nodeWith(MAC);
      await stage.ask(uuid, 'active');
      await stage.reached(uuid, 'wait call-back');
      const machine = rack.add({ macs: [MAC], serial: 'S1' });
      machine.powerOn();
      await stage.reached(uuid, 'active');
      assert.deepEqual(
        machine.commandsSeen.map(({ name }) => name),
        COMMANDS,
      );
      await until('the instance', async () => machine.state === 'instance');
    } finally {
      await rack.close();
      await stage.close();
    }
  });

  it('whose agent is killed ends in deploy failed with step and advice, and a new boot can be deployed', async () => {
    const deadlines = { deploy: 5 };
    const stage = await Stage.open({ configuration: { ...CONFIGURATION, deadlines, heartbeatIntervalSeconds: 1 } });
    // Beats as often as a short deadline needs, and is in a command for as long as it takes to be killed in one.
    const first = new Rack({
      apiUrl: stage.runtime.agentUrl,
      timeScale: 1,
      writeSeconds: 600,
      bootSeconds: 0,
      random: () => 0.1,
    });
    const second = rackAt(stage.runtime.agentUrl);
    try {
      const uuid = await stage.nodeWith(MAC);
      await stage.ask(uuid, 'active');
      const machine = first.add({ macs: [MAC], serial: 'S1' });
      machine.powerOn();
      await until('the image to be written', async () =>
        machine.commandsSeen.some(({ name }) => name === 'deploy.execute_deploy_step'),
      );
      await machine.powerOff();
      const failed = await stage.reached(uuid, 'deploy failed');
      assert.match(String(failed['last_error']), /deploy\.write_image.*5 s.*start the deploy again/s);
      assert.equal(failed['target_provision_state'], 'active');
      const { history } = await stage.operator('GET', `/v1/nodes/${uuid}/history`, 200);
      assert.ok(JSON.stringify(history).includes('deploy.write_image'));
      second.add({ macs: [MAC], serial: 'S1' }).powerOn();
      await stage.ask(uuid, 'active');
      await stage.reached(uuid, 'active');
    } finally {
      await first.close();
      await second.close();
      await stage.close();
    }
  });

  it('is deployed to its end although Nodeless is stopped in the middle and started again', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'nodeless-test-'));
    // Free still when it comes back.
    const ports = { operatorPort: await quietPort(), agentPort: await quietPort() };
    let stage = await Stage.open({ dataFolder, ...ports });
    const rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, writeSeconds: 40, random: () => 0.5 });
    try {
      const uuid = await stage.nodeWith(MAC);
      await stage.ask(uuid, 'active');
      const machine = rack.add({ macs: [MAC], serial: 'S1' });
      machine.powerOn();
      await until('the image to be written', async () =>
        machine.commandsSeen.some(({ name }) => name === 'deploy.execute_deploy_step'),
      );
      await stage.close();
      stage = await Stage.open({ dataFolder, ...ports });
      await stage.reached(uuid, 'active');
      assert.deepEqual(
        machine.commandsSeen.map(({ name }) => name),
        COMMANDS,
      );
    } finally {
      await rack.close();
      await stage.close();
      await rm(dataFolder, { recursive: true, force: true });
    }
  });

  it('that has the MAC of another machine does not get its token while that one beats', async () => {
    const stage = await Stage.open();
    const rack = rackAt(stage.runtime.agentUrl);
    try {
      const uuid = await stage.nodeWith(MAC);
      const first = rack.add({ macs: [MAC], serial: 'S1' });
      const second = rack.add({ macs: [MAC], serial: 'S2' });
      first.powerOn();
      await until('the first to beat', async () => (await stage.runtime.services.sessions.get(uuid))?.bootFingerprint);
      second.powerOn();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(first.state, 'ramdisk');
      assert.equal(second.token, null);
      assert.equal(second.state, 'lookup');
    } finally {
      await rack.close();
      await stage.close();
    }
  });
});
