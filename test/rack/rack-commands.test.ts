import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { AgentClient } from './agent-client.ts';
import { type Bench, bench } from './bench.ts';
import { isObject, type Json, type MachineOptions } from './types.ts';

function scene(
  name: string,
  options: Partial<MachineOptions>,
  play: (agent: AgentClient, set: Bench) => Promise<void>,
) {
  it(name, { timeout: 120_000 }, async () => {
    const set = await bench({ writeSeconds: 1, ...options });
    try {
      set.machine.powerOn();
      await play(await set.client(), set);
    } finally {
      await set.close();
    }
  });
}

const fault = (body: unknown) => (isObject(body) ? String(body.faultstring) : '');
const errorOf = (body: Json) => (isObject(body.command_error) ? body.command_error : {});
const resultOf = (body: Json) => (isObject(body.command_result) ? body.command_result : {});
const IMAGE = { id: 'i.raw', urls: ['http://images/i.raw'], os_hash_algo: 'sha256', os_hash_value: 'ab' };

describe('the API of the agent', { concurrency: true }, () => {
  scene('routes', {}, async (agent) => {
    const none = {};
    for (const [method, path, status, query] of [
      ['GET', '/', 200, none],
      ['GET', '/v1/', 200, none],
      ['GET', '/v1', 308, none],
      ['GET', '/v1/status', 200, none],
      ['GET', '/status', 200, none],
      ['GET', '/v1/status/', 404, none],
      ['GET', '/nowhere', 404, none],
      ['POST', '/v1/status', 405, none],
      ['DELETE', '/v1/commands/', 405, none],
      ['GET', '/v1/commands', 308, none],
      ['GET', '/v1/commands/', 401, none],
      ['GET', '/v1/commands/', 401, { agent_token: 'wrong' }],
      ['GET', '/v1/commands/', 200, undefined],
      ['GET', '/commands/', 200, undefined],
      ['GET', '/v1/commands/x', 404, undefined],
    ] as const)
      assert.equal((await agent.call(method, path, undefined, query)).status, status, `${method} ${path}`);
    const moved = await agent.call('GET', '/v1/commands?agent_token=t', undefined, none);
    assert.match(String(moved.location), /\/v1\/commands\/\?agent_token=t$/);
    const unsigned = await agent.call('GET', '/v1/commands/', undefined, none);
    assert.deepEqual(unsigned.body, { faultcode: 'Client', faultstring: '401 Unauthorized: Token invalid.' });
  });

  scene('what is refused before it starts', {}, async (agent) => {
    for (const [body, status, text] of [
      ['no json', 400, /Failed to decode/],
      [[], 400, /Missing or invalid/],
      [{ name: 'standby.sync' }, 400, /Missing or invalid/],
      [{ name: 'standby.sync', params: [] }, 400, /Missing or invalid/],
      [{ name: 'nodot', params: {} }, 400, /must be of the form/],
      [{ name: 'standby.nope', params: {} }, 400, /Unknown command: nope/],
      [{ name: 'nope.nope', params: {} }, 404, /Extension with id nope/],
      [{ name: 'standby.prepare_image', params: {} }, 400, /missing 'id'/],
      [{ name: 'standby.prepare_image', params: { image_info: { ...IMAGE, urls: [] } } }, 400, /at least one/],
      [{ name: 'standby.prepare_image', params: { image_info: { id: 'i', urls: ['u'] } } }, 400, /checksum/],
    ] as const) {
      const answer = await agent.call('POST', '/v1/commands/', body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.match(fault(answer.body), text);
    }
    assert.deepEqual(await agent.commands(), []);
  });

  scene('one command at a time', {}, async (agent, { machine }) => {
    const first = await agent.step('deploy', 'lab_sleep', { seconds: 300 }, {}, false);
    assert.equal(first.body.command_status, 'RUNNING');
    const busy = await agent.run('standby.sync');
    assert.deepEqual(
      [busy.status, busy.body.faultstring],
      [409, 'Agent is busy: executing command execute_deploy_step'],
    );
    const done = await agent.call('GET', `/v1/commands/${first.body.id}?wait=true`);
    assert.equal(isObject(done.body) && done.body.command_status, 'SUCCEEDED');
    assert.equal((await agent.run('standby.sync')).body.command_name, 'sync');
    assert.deepEqual(
      machine.commandsSeen.map(({ name }) => name),
      ['deploy.execute_deploy_step', 'standby.sync'],
    );
  });

  scene(
    'a wrong argument poisons the list until the agent restarts',
    {},
    async (agent, { server, machine, nextClient }) => {
      const stray = await agent.run('image.install_bootloader', { bogus: 1 }, true);
      assert.deepEqual([stray.status, errorOf(stray.body).type], [200, 'CommandExecutionError']);
      const answer = await agent.run('standby.sync', { x: 1 });
      assert.deepEqual([answer.status, answer.body.faultcode], [500, 'Server']);
      assert.equal((await agent.call('GET', '/v1/commands/')).status, 500);
      server.forgetToken();
      await machine.crashAgent();
      assert.deepEqual(await (await nextClient()).commands(), []);
    },
  );

  scene(
    'steps: what each outcome looks like',
    { defects: { failingSteps: { erase_pstore: 'bad' } } },
    async (agent) => {
      for (const [phase, step, args, more, status, type] of [
        ['deploy', 'lab_sleep', { seconds: 1 }, {}, 'SUCCEEDED', undefined],
        ['deploy', 'lab_sleep', { seconds: 'x' }, {}, 'FAILED', 'DeploymentError'],
        ['deploy', 'lab_fail', {}, {}, 'FAILED', 'CleaningError'],
        ['service', 'lab_reboot', {}, {}, 'SUCCEEDED', undefined],
        ['clean', 'erase_pstore', {}, {}, 'FAILED', 'CleaningError'],
        ['clean', 'nosuch', {}, {}, 'FAILED', 'HardwareManagerMethodNotFound'],
        ['clean', 'erase_devices', {}, { clean_version: {} }, 'CLEAN_VERSION_MISMATCH', 'VersionMismatch'],
        ['clean', 'erase_devices', {}, { clean_version: null }, 'SUCCEEDED', undefined],
        ['deploy', 'write_image', {}, {}, 'FAILED', 'DeploymentError'],
        ['deploy', 'write_image', { image_info: { id: 'a' } }, {}, 'FAILED', 'InvalidCommandParamsError'],
        ['deploy', 'write_image', { image_info: IMAGE, configdrive: 'raw' }, {}, 'FAILED', 'DeploymentError'],
        ['deploy', 'lab_sleep', {}, { node: {} }, 'FAILED', 'CommandExecutionError'],
        ['deploy', 'lab_sleep', {}, { step: {} }, 'FAILED', 'CommandExecutionError'],
      ] as const) {
        const { status: http, body } = await agent.step(phase, step, args, more);
        const what = `${step} ${JSON.stringify(args)} ${JSON.stringify(more)}`;
        assert.deepEqual([http, body.command_status, errorOf(body).type], [200, status, type], what);
      }
    },
  );

  scene('step lists, versions and the echo', {}, async (agent) => {
    for (const phase of ['deploy', 'clean', 'service']) {
      const { body } = await agent.run(`${phase}.get_${phase}_steps`, { node: { uuid: 'n' }, ports: [] }, true);
      const result = resultOf(body);
      assert.deepEqual(Object.keys(result), [`${phase}_steps`, 'hardware_manager_version']);
      const versions = { [`${phase}_version`]: result.hardware_manager_version };
      const done = await agent.step(phase, 'lab_sleep', { seconds: 0 }, versions);
      assert.deepEqual(resultOf(done.body), {
        [`${phase}_result`]: { slept: 0 },
        [`${phase}_step`]: { interface: 'deploy', step: 'lab_sleep', args: { seconds: 0 } },
      });
    }
    assert.equal((await agent.run('clean.get_clean_steps', { node: {}, ports: [] })).status, 404);
  });
});

describe('what commands do to the machine', { concurrency: true }, () => {
  scene('a whole deploy', {}, async (agent, { server, machine, until }) => {
    assert.deepEqual(resultOf((await agent.run('standby.get_partition_uuids')).body), {});
    const configdrive = gzipSync('iso').toString('base64');
    const written = await agent.step('deploy', 'write_image', { image_info: IMAGE, configdrive });
    const text = JSON.stringify(resultOf(written.body).deploy_result);
    assert.match(text, /prepare_image: image \(i\.raw\) written to device \/dev\/sda root_uuid=0x[0-9a-f]{8}/);
    const again = server.to('/v1/lookup').at(-1);
    assert.equal(again?.query.node_uuid, 'n', 'asked again for hints of the root disk');
    assert.deepEqual(machine.disk, { image: IMAGE, configDrive: configdrive });
    const uuids = resultOf((await agent.run('standby.get_partition_uuids')).body);
    const boot = { root_uuid: uuids['root uuid'], target_boot_mode: 'uefi' };
    assert.equal((await agent.run('image.install_bootloader', boot, true)).body.command_status, 'SUCCEEDED');
    assert.equal((await agent.run('standby.power_off')).body.command_status, 'RUNNING');
    await until('off', () => machine.state === 'off');
    await assert.rejects(agent.commands());
    machine.powerOn();
    await until('instance', () => machine.state === 'instance');
  });

  scene(
    'run_image without an image comes back as a ramdisk',
    {},
    async (agent, { server, machine, nextClient, until }) => {
      server.forgetToken();
      await agent.run('standby.run_image');
      const next = await nextClient();
      assert.equal(machine.state, 'ramdisk');
      await next.run('standby.prepare_image', { image_info: IMAGE }, true);
      machine.bootDevice = 'network';
      server.forgetToken();
      await machine.reboot();
      await until('ramdisk', () => machine.state === 'ramdisk');
    },
  );

  scene(
    'rescue and lockdown take the agent off the wire',
    {},
    async (agent, { server, machine, nextClient, until }) => {
      const before = server.to('/v1/lookup').length;
      const done = await agent.run('rescue.finalize_rescue', { rescue_password: '$6$x', hashed: true });
      assert.equal(done.body.command_status, 'SUCCEEDED');
      await until('one more lookup', () => server.to('/v1/lookup').length > before);
      await assert.rejects(agent.commands());
      server.forgetToken();
      await machine.reboot();
      const next = await nextClient();
      assert.equal((await next.run('system.lockdown')).body.command_status, 'SUCCEEDED');
      await until('locked', () => machine.state === 'stranded');
      await assert.rejects(next.commands());
    },
  );

  scene('inventory and logs', { serial: 'S-1', bmcAddress: '10.0.0.7' }, async (agent) => {
    const hardware = resultOf((await agent.run('poll.get_hardware_info')).body);
    assert.equal(isObject(hardware.system_vendor) && hardware.system_vendor.serial_number, 'S-1');
    assert.equal(hardware.bmc_address, '10.0.0.7');
    const logs = resultOf((await agent.run('log.collect_system_logs')).body);
    assert.match(String(logs.system_logs), /^H4sI/);
  });
});

describe('the protocol of 2014-2016', { concurrency: true }, () => {
  scene('lookup, heartbeat, commands without a token', { legacy: true }, async (agent, { server, machine }) => {
    const [first, beat] = server.requests;
    assert.equal(first?.path, '/v1/drivers/agent_ipmitool/vendor_passthru/lookup');
    assert.equal(first?.headers['x-openstack-ironic-api-version'], undefined);
    assert.equal(isObject(first?.body) && first.body.version, '2');
    assert.equal(beat?.path, `/v1/nodes/${server.uuid}/vendor_passthru/heartbeat`);
    assert.deepEqual(Object.keys(server.beats[0] ?? {}), ['agent_url']);
    assert.equal((await agent.call('GET', '/v1/commands')).status, 200);
    assert.equal((await agent.call('GET', '/v1/commands', undefined, { agent_token: 't' })).status, 400);
    assert.equal((await agent.run('deploy.get_deploy_steps')).status, 404);
    const done = await agent.run(
      'standby.prepare_image',
      { image_info: { id: 'i', urls: ['u'], checksum: 'c' } },
      true,
    );
    assert.deepEqual([done.body.command_status, 'command_params' in done.body], ['SUCCEEDED', true]);
    assert.ok(machine.disk);
  });
});
