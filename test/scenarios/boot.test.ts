import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { localScript } from '../../shared/boot/boot-script.ts';
import { Rack } from '../rack/rack.ts';
import { until } from '../until.ts';
import { CONFIGURATION, IMAGE, Stage } from './stage.ts';

const MAC = '52:54:00:00:b0:01';

describe('a machine that boots from /boot.ipxe', () => {
  let stage: Stage;
  let rack: Rack;
  before(async () => {
    const boot = { kernel: 'http://mirror.test/k', ramdisk: 'http://mirror.test/r', kernelParameters: '' };
    stage = await Stage.open({ configuration: { ...CONFIGURATION, boot } });
  });
  after(async () => {
    await rack?.close();
    await stage.close();
  });
  const script = async () => {
    const response = await fetch(`${stage.runtime.agentUrl}/boot.ipxe?mac=${MAC}&serial=B1&product=Virtual%20Machine`);
    assert.equal(response.status, 200);
    return response.text();
  };
  const parameter = (text: string, name: string) => new RegExp(` ${name}=(\\S+)`).exec(text)?.[1] ?? '';

  it('reports where the script says, is deployed, and boots its own disk from then on', async () => {
    const first = await script();
    const apiUrl = parameter(first, 'ipa-api-url');
    assert.equal(parameter(first, 'ipa-inspection-callback-url'), `${apiUrl}/v1/continue_inspection`);
    rack = new Rack({ apiUrl, timeScale: 20, random: () => 0.5 });
    const machine = rack.add({ macs: [MAC], serial: 'B1', inspect: true });
    machine.powerOn();
    const uuid = await until('its node', async () => (machine.token ? machine.uuid : undefined));
    assert.equal(await script(), first, 'a machine that waits boots as a stranger does');
    await stage.operator('PATCH', `/v1/nodes/${uuid}`, 200, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
    await stage.ask(uuid, 'active');
    await stage.reached(uuid, 'active');
    assert.equal(await script(), localScript());
  });
});
