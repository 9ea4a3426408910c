import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { AGENT_URL } from '../../infra/localstack/settings.ts';
import { Rack } from '../rack/rack.ts';
import type { VirtualMachine } from '../rack/virtual-machine.ts';
import { IMAGE } from '../scenarios/stage.ts';
import { until } from '../until.ts';
import { Deployment } from './deployment.ts';

/** Not named *.test.ts: `npm test` must not need LocalStack. New values in every run, so that it can run twice. */
const found = await Deployment.find();
const skip = typeof found === 'string' ? found : false;
const tag = randomBytes(3).toString('hex');
const mac = (last: number) => `52:54:${tag.replace(/(..)(?!$)/g, '$1:')}:0${last}`;

describe('the main job through API Gateway, Lambda, DynamoDB and Step Functions', { skip }, () => {
  const cloud = found as Deployment;
  const rack = new Rack({ apiUrl: AGENT_URL, timeScale: 20, random: () => 0.5 });
  after(() => rack.close());

  async function adopted(machine: VirtualMachine): Promise<string> {
    machine.powerOn();
    return until(`${machine.serial} to know its node`, async () => (machine.token ? machine.uuid : undefined), 300);
  }

  async function runs(machine: VirtualMachine): Promise<void> {
    // Pretended power switches nothing: what a BMC would have done is done here.
    if (machine.state === 'off') machine.powerOn();
    await until('the instance', async () => machine.state === 'instance', 120);
  }

  it('finds a machine by MAC, and its first heartbeat continues the waiting execution', async () => {
    const uuid = await cloud.available({ driver: 'fake-hardware', deploy_interface: 'direct', instance_info: IMAGE });
    await cloud.operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: mac(1) });
    await cloud.ask(uuid, 'active');
    const waiting = await cloud.reached(uuid, 'wait call-back');
    assert.equal(waiting['target_provision_state'], 'active');
    const machine = rack.add({ macs: [mac(1)], serial: `MAC-${tag}` });
    assert.equal(await adopted(machine), uuid);
    const token = machine.token ?? assert.fail('no token');
    await cloud.reached(uuid, 'active');
    await runs(machine);
    await noSecretIn(uuid, token);
  });

  it('finds a machine by its serial number and deploys it without a reboot', async () => {
    const properties = { serial_number: `SER-${tag}` };
    const uuid = await cloud.available({ driver: 'manual', properties, instance_info: IMAGE });
    const machine = rack.add({ macs: [mac(2)], serial: `SER-${tag}`, inspect: true });
    assert.equal(await adopted(machine), uuid);
    await cloud.ask(uuid, 'active');
    await cloud.reached(uuid, 'active');
    await runs(machine);
  });

  it('enrols a stranger by its inspection, takes a nodeless report from it, and deploys it', async () => {
    const machine = rack.add({ macs: [mac(3)], serial: `NEW-${tag}`, inspect: true });
    const uuid = await adopted(machine);
    const node = await cloud.operator('GET', `/v1/nodes/${uuid}`, 200);
    const components = [{ component: 'bios', current_version: '2.19.1' }];
    const path = `/v1/drivers/${node['driver']}/vendor_passthru/report_firmware`;
    const report = (agent_token: unknown) =>
      fetch(`${AGENT_URL}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ node_uuid: uuid, agent_token, components }),
      });
    assert.equal((await report('x'.repeat(43))).status, 404);
    const reported = await report(machine.token);
    assert.ok(reported.ok, `${reported.status} ${await reported.text()}`);
    await cloud.operator('PATCH', `/v1/nodes/${uuid}`, 200, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
    await cloud.ask(uuid, 'active');
    await cloud.reached(uuid, 'active');
    await runs(machine);
  });

  it('calls vendor methods of a node and of a driver', async () => {
    const uuid = await cloud.available({ driver: 'fake-hardware' });
    const node = `/v1/nodes/${uuid}/vendor_passthru`;
    await cloud.operator('POST', `${node}/third_method_sync`, 200, { bar: 'meow' });
    await cloud.operator('POST', `${node}/second_method`, 202, { bar: 'kazoo' });
    await cloud.operator('GET', '/v1/drivers/fake-hardware/vendor_passthru/capabilities', 200);
  });

  /** Everybody who may read a history would have the machine. */
  async function noSecretIn(uuid: string, token: string): Promise<void> {
    const histories = await cloud.histories(uuid);
    assert.ok(histories.some(({ status }) => status === 'SUCCEEDED'));
    for (const { history } of histories) assert.ok(!history.includes(token));
  }
});
