import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hookSecrets } from '../../infra/local/hook-secrets.ts';
import type { JsonObject } from '../../shared/json.ts';
import { type Answered, type Asked, type SignedServer, signedServer } from '../examples/signed-server.ts';
import { Rack } from '../rack/rack.ts';
import type { VirtualMachine } from '../rack/virtual-machine.ts';
import { until } from '../until.ts';
import { CONFIGURATION, Stage } from './stage.ts';

const SECRET = 'the-secret-of-the-pdu';
const MAC = '52:54:00:00:90:01';

describe('a machine behind a switched outlet that a hook knows', () => {
  let stage: Stage;
  let rack: Rack;
  let outlet: SignedServer;
  let machine: VirtualMachine;
  /** What the outlet answers instead, while something is wrong with it. */
  let trouble: Answered | undefined;
  before(async () => {
    outlet = await signedServer(SECRET, switched);
    stage = await Stage.open({
      configuration: { ...CONFIGURATION, hooks: { pdu: { url: outlet.url, secret: 'env:PDU' } } },
      secretOf: hookSecrets({ PDU: SECRET }),
    });
    rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
    machine = rack.add({ macs: [MAC], serial: 'H1' });
  });
  after(async () => {
    await rack.close();
    await stage.close();
    await outlet.close();
  });

  /** The whole driver: a relay for the power; the boot device is a setting of the machine. */
  async function switched({ purpose, request }: Asked): Promise<Answered> {
    if (trouble) return trouble;
    if (purpose === 'management') {
      machine.bootDevice = request.device === 'pxe' ? 'network' : 'auto';
      return { body: { accepted: true } };
    }
    if (request.action === 'set-power') {
      const target = String(request.target);
      if (target !== 'power on') await machine.powerOff();
      if (!target.endsWith('power off')) machine.powerOn();
    }
    return { body: { power_state: machine.state === 'off' ? 'power off' : 'power on' } };
  }
  const asked = (action: string) => outlet.asked.filter(({ request }) => request.action === action);

  it('is deployed: switched on for the ramdisk, off and on for its instance', async () => {
    const uuid = await stage.nodeWith(MAC, { driver: 'hook', driver_info: { hook: 'pdu', outlet: 7 } });
    assert.equal(machine.state, 'off');
    await stage.ask(uuid, 'active');
    const node = await stage.reached(uuid, 'active');
    assert.equal(node.power_state, 'power on');
    assert.ok(machine.disk, 'its image is on the disk');
    assert.ok(asked('set-power').length >= 1 && asked('set-boot-device').length >= 1);
    const [{ request } = { request: {} as JsonObject }] = asked('set-power');
    assert.equal(((request.node as JsonObject).driver_info as JsonObject).outlet, 7);
    const keys = outlet.asked.map(({ idempotency_key: key }) => key);
    assert.equal(new Set(keys).size, keys.length, 'each wish has a key of its own');
  });

  it('is switched by an operator, who hears why it does not work', async () => {
    const [{ uuid } = { uuid: '' }] = (await stage.operator('GET', '/v1/nodes', 200)).nodes as { uuid: string }[];
    trouble = { status: 409, body: { message: 'outlet 7 is locked out by maintenance' } };
    await stage.operator('PUT', `/v1/nodes/${uuid}/states/power`, 202, { target: 'power off' });
    const error = await until('the reason', async () => (await stage.node(uuid)).last_error ?? undefined);
    assert.match(String(error), /hook pdu: outlet 7 is locked out by maintenance/);
    trouble = undefined;
  });

  it('boots from what an operator chooses, by the call of Ironic and by the vendor method', async () => {
    const [{ uuid } = { uuid: '' }] = (await stage.operator('GET', '/v1/nodes', 200)).nodes as { uuid: string }[];
    const path = `/v1/nodes/${uuid}`;
    await stage.operator('PUT', `${path}/management/boot_device`, 204, { boot_device: 'pxe', persistent: false });
    assert.equal(machine.bootDevice, 'network');
    await stage.operator('POST', `${path}/vendor_passthru/set_boot_device`, 200, { device: 'disk', persistent: true });
    assert.equal(machine.bootDevice, 'auto');
    assert.deepEqual(await stage.operator('GET', `${path}/management/boot_device`, 200), {
      boot_device: 'disk',
      persistent: true,
    });
    await stage.operator('POST', `${path}/vendor_passthru/set_boot_device`, 400, { device: 'teapot' });
  });
});

describe('a machine that only a person can switch', () => {
  let stage: Stage;
  let rack: Rack;
  before(async () => {
    stage = await Stage.open();
    rack = new Rack({ apiUrl: stage.runtime.agentUrl, timeScale: 20, random: () => 0.5 });
  });
  after(async () => {
    await rack.close();
    await stage.close();
  });

  it('waits and says for what; a person switches it on and says so; its agent restarts it', async () => {
    const mac = '52:54:00:00:90:02';
    const machine = rack.add({ macs: [mac], serial: 'P1' });
    const uuid = await stage.nodeWith(mac, { driver_info: { power_instructions: 'row 3, blue cable' } });
    await stage.ask(uuid, 'active');
    await stage.reached(uuid, 'wait call-back');
    const { history } = await stage.operator('GET', `/v1/nodes/${uuid}/history?detail=true`, 200);
    const told = (history as JsonObject[]).map(({ event }) => String(event)).join('\n');
    assert.match(told, /needs a person\. .*Restart it by hand \(row 3, blue cable\)/);
    machine.powerOn();
    await stage.reached(uuid, 'active');
    await stage.operator('PUT', `/v1/nodes/${uuid}/states/power`, 202, { target: 'power on' });
    assert.equal((await stage.node(uuid)).power_state, 'power on');
    assert.ok(machine.disk);
  });
});
