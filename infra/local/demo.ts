/**
 * The main job as it happens: three machines that do not know who they are become `active` by their own heartbeats.
 * Self-contained; exit status 0 only when all of it happened.
 */
import type { LogFields } from '../../shared/log.ts';
import { Rack } from '../../test/rack/rack.ts';
import type { VirtualMachine } from '../../test/rack/virtual-machine.ts';
import { until } from '../../test/until.ts';
import { call, say, sayEvent, sayMore } from './demo-cast.ts';
import { type Ending, summaryTable, tailOf } from './demo-summary.ts';
import { startRuntime } from './runtime.ts';

const IMAGE = {
  image_source: 'http://127.0.0.1/images/debian.raw',
  image_os_hash_algo: 'sha256',
  image_os_hash_value: '6105d6cc76af400325e94d588ce511be5bfdbb73b437dc51eca43917d7a43e3d',
  image_disk_format: 'raw',
};
/** Virtual machines and the pauses of runs go twenty times as fast as metal. */
const TIME_SCALE = 20;

const reasons = new Map<string, string>();
const remember = (_message: string, fields?: LogFields) => {
  if (fields?.node && fields.reason && fields.decision && !reasons.has(fields.node)) {
    reasons.set(fields.node, `${fields.decision}: ${fields.reason}`);
    say('Nodeless', `${fields.decision} node ${tailOf(fields.node)}, because:`);
    for (const line of fields.reason.split('; ')) sayMore(line);
  }
};

const runtime = await startRuntime({
  operatorPort: 0,
  agentPort: 0,
  host: '127.0.0.1',
  configuration: {
    enrollment: { unknown: 'enroll', driver: 'manual', state: 'available' },
    heartbeatIntervalSeconds: 60,
    agentNetworks: ['127.0.0.0/8'],
  },
  log: { info: remember, warn: remember, error: (message, fields) => console.error(message, fields) },
  timeScale: 1 / TIME_SCALE,
});
const { operatorUrl, agentUrl } = runtime;
const operator = (method: string, path: string, expect: number, body?: unknown) =>
  call(operatorUrl, method, path, body === undefined ? { expect } : { expect, body });
const rack = new Rack({ apiUrl: agentUrl, timeScale: TIME_SCALE, random: () => 0.5 });
rack.listen(sayEvent);

try {
  say('Nodeless', `operator API ${operatorUrl}, agent API ${agentUrl}`);
  const cast = [await registeredByMac(), await knownBySerial(), stranger()];
  const uuids: string[] = [];
  for (const machine of cast) uuids.push(await deploy(machine));
  await passthru(uuids);
  await summary(cast, uuids);
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
} finally {
  await rack.close();
  await runtime.close();
}

async function toAvailable(uuid: string): Promise<void> {
  for (const [verb, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ] as const) {
    await operator('PUT', `/v1/nodes/${uuid}/states/provision`, 202, { target: verb });
    await stateReached(uuid, state);
  }
}

async function stateReached(uuid: string, state: string): Promise<void> {
  await until(`${uuid} to be ${state}`, async () => {
    const node = await operator('GET', `/v1/nodes/${uuid}`, 200);
    if (String(node['provision_state']).endsWith('failed')) throw new Error(String(node['last_error']));
    return node['provision_state'] === state;
  });
}

async function registeredByMac(): Promise<VirtualMachine> {
  const mac = '52:54:00:00:00:01';
  const node = { driver: 'fake-hardware', name: 'by-mac', deploy_interface: 'direct', instance_info: IMAGE };
  const { uuid } = await operator('POST', '/v1/nodes', 201, node);
  await operator('POST', '/v1/ports', 201, { node_uuid: uuid, address: mac });
  await toAvailable(String(uuid));
  // The deploy waits for a machine that is not there yet: its first heartbeat will continue it.
  await operator('PUT', `/v1/nodes/${uuid}/states/provision`, 202, { target: 'active' });
  say('operator', 'registered by-mac with one MAC and asked for a deploy; it waits for the machine');
  return rack.add({ macs: [mac], serial: 'MACHINE-1' });
}

async function knownBySerial(): Promise<VirtualMachine> {
  const serial = 'MACHINE-2';
  const properties = { serial_number: serial };
  const { uuid } = await operator('POST', '/v1/nodes', 201, { driver: 'manual', name: 'by-serial', properties });
  await toAvailable(String(uuid));
  say('operator', `registered by-serial with the serial number ${serial} and no MAC`);
  return rack.add({ macs: ['52:54:00:00:00:02', '52:54:00:00:00:03'], serial, inspect: true });
}

function stranger(): VirtualMachine {
  say('operator', 'knows nothing of the third machine');
  return rack.add({ macs: ['52:54:00:00:00:04'], serial: 'MACHINE-3', inspect: true });
}

async function deploy(machine: VirtualMachine): Promise<string> {
  rack.powerOn(machine.serial);
  const uuid = await until(`${machine.serial} to find its node`, async () => machine.uuid);
  const path = `/v1/nodes/${uuid}`;
  const { provision_state } = await operator('GET', path, 200);
  if (provision_state === 'available') {
    await until('its first heartbeat', async () => {
      const session = await runtime.services.sessions.get(uuid);
      return session?.bootFingerprint;
    });
    say('Nodeless', `${machine.serial} is present and ready; no deploy waits`);
    await reportFirmware(machine, uuid);
    await operator('PATCH', path, 200, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
    await operator('PUT', `${path}/states/provision`, 202, { target: 'active' });
    say('operator', `asked for a deploy of ${machine.serial}: it goes on at once, without a reboot`);
  }
  await stateReached(uuid, 'active');
  say('Nodeless', `${machine.serial} is active`);
  // Pretended power switches nothing: what a BMC would have done is done here.
  // The node may be active while the machine is still on its way down.
  await until(`${machine.serial} to run its image`, async () => {
    if (machine.state === 'off') rack.powerOn(machine.serial);
    return machine.state === 'instance';
  });
  return uuid;
}

async function reportFirmware(machine: VirtualMachine, node_uuid: string): Promise<void> {
  const body = {
    node_uuid,
    agent_token: machine.token,
    components: [{ component: 'bios', current_version: '2.19.1' }],
  };
  const node = await operator('GET', `/v1/nodes/${node_uuid}`, 200);
  const path = `/v1/drivers/${node['driver']}/vendor_passthru/report_firmware`;
  const response = await fetch(`${agentUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`report_firmware answered ${response.status}: ${await response.text()}`);
  say(machine.serial, 'reported its firmware by a nodeless vendor method of the agent API');
}

async function passthru([byMac]: string[]): Promise<void> {
  const node = `/v1/nodes/${byMac}/vendor_passthru`;
  const sync = await operator('POST', `${node}/third_method_sync`, 200, { bar: 'meow' });
  say('operator', `called third_method_sync of the node, and got ${sync['value']}`);
  await operator('POST', `${node}/second_method`, 202, { bar: 'kazoo' });
  say('operator', 'called second_method of the node, asynchronously: 202');
  await operator('GET', '/v1/drivers/fake-hardware/vendor_passthru/capabilities', 200);
  say('operator', 'called capabilities of the driver, without any node');
}

async function summary(cast: VirtualMachine[], uuids: string[]): Promise<void> {
  const endings: Ending[] = [];
  for (const [i, machine] of cast.entries()) {
    const uuid = uuids[i] ?? '';
    const node = await operator('GET', `/v1/nodes/${uuid}`, 200);
    const events = await runtime.services.nodes.events(uuid);
    endings.push({
      machine: machine.serial,
      uuid,
      state: String(node['provision_state']),
      reason: reasons.get(uuid) ?? '',
      learned: events.filter(({ event_type }) => event_type === 'learned').map(({ event }) => event),
      commands: machine.commandsSeen.length,
    });
    if (node['provision_state'] !== 'active' || machine.state !== 'instance') process.exitCode = 1;
  }
  console.log(`\n${summaryTable(endings)}`);
  console.log(
    process.exitCode
      ? 'Not every machine got there: see the lines above.'
      : 'All three machines were found or enrolled, sent heartbeats, were deployed and run their image.',
  );
}
