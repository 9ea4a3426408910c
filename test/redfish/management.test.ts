import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BMC_PASSWORD } from '../fakes/redfish-bmc.ts';
import { RedfishSite, redfishSite } from './redfish-site.ts';

const site = (t: TestContext) => redfishSite((close) => t.after(close));
const DEVICE = '/v1/nodes/bm1/management/boot_device';

describe('the boot device of a BMC', () => {
  for (const [device, persistent, target, enabled] of [
    ['pxe', false, 'Pxe', 'Once'],
    ['disk', true, 'Hdd', 'Continuous'],
    ['uefihttp', false, 'UefiHttp', 'Once'],
  ] as const) {
    it(`${device}, ${enabled}, is set and read back`, async (t) => {
      const given = await site(t);
      await given.verified();
      const set = await given.call('PUT', DEVICE, { boot_device: device, persistent });
      assert.equal(set.status, 204);
      assert.equal(given.bmc.boot.BootSourceOverrideTarget, target);
      assert.equal(given.bmc.boot.BootSourceOverrideEnabled, enabled);
      const { json } = await given.call('GET', DEVICE);
      assert.deepEqual(json, { boot_device: device, persistent });
    });
  }

  it('is read from the BMC, not from what we said once', async (t) => {
    const given = await site(t);
    await given.verified();
    await given.call('PUT', DEVICE, { boot_device: 'pxe' });
    given.bmc.boot.BootSourceOverrideEnabled = 'Disabled';
    assert.deepEqual((await given.call('GET', DEVICE)).json, { boot_device: null, persistent: null });
  });

  it('that Redfish, or this BMC, does not have is a 400 that names others', async (t) => {
    const given = await site(t);
    await given.verified();
    const unknown = await given.call('PUT', DEVICE, { boot_device: 'wanboot' });
    const absent = await given.call('PUT', DEVICE, { boot_device: 'floppy' });
    assert.deepEqual([unknown.status, absent.status], [400, 400]);
    assert.match(RedfishSite.fault(absent), /cannot boot from floppy; it can from pxe, disk, cdrom/);
  });

  it('is told again without a version when the BMC misjudges its own', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('stale-etag');
    assert.equal((await given.call('PUT', DEVICE, { boot_device: 'pxe' })).status, 204);
    assert.equal(given.bmc.boot.BootSourceOverrideTarget, 'Pxe');
  });

  it('of a BMC that does not answer is a 503, never a guess', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('unavailable');
    for (const [method, body] of [['GET'], ['PUT', { boot_device: 'pxe' }]] as const) {
      const answer = await given.call(method, DEVICE, body);
      assert.equal(answer.status, 503);
      assert.match(RedfishSite.fault(answer), /BMC \S+: GET \/redfish\/v1\/Systems\S* answered 503/);
    }
    assert.equal((await given.node()).driver_internal_info['boot_device'], undefined);
  });
});

describe('the lamps of a BMC', () => {
  const LAMPS = '/v1/nodes/bm1/management/indicators';

  it('are listed, switched and read back, those of older and of newer schemas', async (t) => {
    const given = await site(t);
    await given.verified();
    const { json } = await given.call('GET', LAMPS);
    assert.deepEqual(
      json.indicators.map(({ links: _links, ...lamp }: Record<string, unknown>) => lamp),
      [
        { name: '1@system', component: 'system', readonly: false, states: ['blinking', 'off', 'on'] },
        { name: '1U@chassis', component: 'chassis', readonly: false, states: ['off', 'on'] },
      ],
    );
    for (const [name, state] of [
      ['1@system', 'blinking'],
      ['1U@chassis', 'on'],
    ] as const) {
      assert.deepEqual((await given.call('GET', `${LAMPS}/${name}`)).json, { state: 'off' });
      assert.equal((await given.call('PUT', `${LAMPS}/${name}`, { state: state.toUpperCase() })).status, 204);
      assert.deepEqual((await given.call('GET', `${LAMPS}/${name}`)).json, { state });
    }
    assert.deepEqual([given.bmc.led, given.bmc.located], ['Blinking', true]);
  });

  it('that are not there, or cannot do it, are a 400 that says what there is', async (t) => {
    const given = await site(t);
    await given.verified();
    for (const [name, says] of [
      ['2@system', /no indicator 2@system; it has 1@system, 1U@chassis/],
      ['1U@chassis', /1U@chassis can be off, on, not blinking/],
    ] as const) {
      const answer = await given.call('PUT', `${LAMPS}/${name}`, { state: 'BLINKING' });
      assert.equal(answer.status, 400);
      assert.match(RedfishSite.fault(answer), says);
    }
    assert.deepEqual([given.bmc.led, given.bmc.located], ['Off', false]);
  });

  it('of a BMC that is away are a 503', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('unavailable');
    assert.equal((await given.call('GET', LAMPS)).status, 503);
    assert.equal((await given.call('GET', `${LAMPS}/1@system`)).status, 503);
  });
});

describe('boot mode and secure boot', () => {
  it('are told to the BMC and shown with the states', async (t) => {
    const given = await site(t);
    await given.verified();
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/boot_mode', { target: 'bios' })).status, 202);
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/secure_boot', { target: true })).status, 202);
    assert.deepEqual([given.bmc.boot.BootSourceOverrideMode, given.bmc.secureBoot], ['Legacy', true]);
    const { json } = await given.call('GET', '/v1/nodes/bm1/states');
    assert.deepEqual([json.boot_mode, json.secure_boot], ['bios', true]);
  });

  it('are refused with a value that is none, or to an old client', async (t) => {
    const given = await site(t);
    await given.verified();
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/boot_mode', { target: 'csm' })).status, 400);
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/secure_boot', { target: 'maybe' })).status, 400);
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/boot_mode', { target: 'bios' }, 75)).status, 404);
    assert.equal(given.bmc.asked.length, 0);
  });
});

describe('virtual media', () => {
  const MEDIA = '/v1/nodes/bm1/vmedia';
  it('are inserted, listed and ejected', async (t) => {
    const given = await site(t);
    await given.verified();
    const attach = { device_type: 'cdrom', image_url: 'http://192.0.2.1/rescue.iso' };
    assert.equal((await given.call('POST', MEDIA, attach)).status, 204);
    assert.deepEqual((await given.call('GET', MEDIA)).json, [
      { image: 'http://192.0.2.1/rescue.iso', inserted: true, media_types: ['CD', 'DVD'] },
    ]);
    assert.equal((await given.call('DELETE', `${MEDIA}?device_types=cdrom`)).status, 204);
    assert.equal(given.bmc.medium, null);
  });

  it('replace what was in the slot', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.medium = 'http://192.0.2.1/old.iso';
    await given.call('POST', MEDIA, { device_type: 'cdrom', image_url: 'http://192.0.2.1/new.iso' });
    assert.equal(given.bmc.medium, 'http://192.0.2.1/new.iso');
    assert.ok(given.bmc.asks().some((line) => line.endsWith('EjectMedia')));
  });

  it('of a kind without a slot, or that no BMC can fetch, are a 400', async (t) => {
    const given = await site(t);
    await given.verified();
    for (const [device_type, image_url] of [
      ['floppy', 'http://192.0.2.1/a.img'],
      ['cdrom', 'file:///etc/passwd'],
    ]) {
      assert.equal((await given.call('POST', MEDIA, { device_type, image_url })).status, 400, image_url);
    }
    assert.equal(given.bmc.medium, null);
  });
});

describe('vendor methods of redfish', () => {
  const call = (given: RedfishSite, method: string, name: string, body?: unknown) =>
    given.call(method, `/v1/nodes/bm1/vendor_passthru/${name}`, body);

  it('are listed as Ironic lists them', async (t) => {
    const given = await site(t);
    await given.verified();
    const { json } = await call(given, 'GET', 'methods');
    assert.deepEqual(Object.keys(json).sort(), [
      'create_subscription',
      'delete_subscription',
      'eject_vmedia',
      'get_all_subscriptions',
      'get_subscription',
      'set_boot_device',
    ]);
    assert.deepEqual(json.delete_subscription.http_methods, ['DELETE']);
    assert.ok(Object.values<{ async: boolean }>(json).every((one) => one.async === false));
  });

  it('subscribe to events and forget them again', async (t) => {
    const given = await site(t);
    await given.verified();
    const wanted = { Destination: 'https://192.0.2.9/events', HttpHeaders: [{ Authorization: 'Bearer hush' }] };
    const made = await call(given, 'POST', 'create_subscription', wanted);
    assert.equal(made.status, 200);
    assert.deepEqual([made.json.Id, made.json.Destination], ['1', wanted.Destination]);
    assert.ok(!JSON.stringify(made.json).includes('hush'), 'what the receiver trusts is not shown again');
    assert.equal((await call(given, 'GET', 'get_all_subscriptions')).json.Members.length, 1);
    assert.equal((await call(given, 'GET', 'get_subscription', { id: '1' })).json.Protocol, 'Redfish');
    assert.equal((await call(given, 'DELETE', 'delete_subscription', { id: '1' })).status, 200);
    const gone = await call(given, 'GET', 'get_subscription', { id: '1' });
    assert.equal(gone.status, 400);
    assert.match(RedfishSite.fault(gone), /answered 404: No such subscription/);
  });

  it('take no path for an id, and no scheme that is not HTTP', async (t) => {
    const given = await site(t);
    await given.verified();
    await call(given, 'DELETE', 'delete_subscription', { id: '../../Systems/1' });
    assert.deepEqual(
      given.bmc.asks().filter((line) => line.startsWith('DELETE')),
      ['DELETE /redfish/v1/EventService/Subscriptions/..%2F..%2FSystems%2F1'],
    );
    assert.equal((await call(given, 'POST', 'create_subscription', { Destination: 'file:///x' })).status, 400);
  });

  it('eject a medium', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.medium = 'http://192.0.2.1/a.iso';
    assert.equal((await call(given, 'POST', 'eject_vmedia', { boot_device: 'cdrom' })).status, 200);
    assert.equal(given.bmc.medium, null);
  });
});

describe('BIOS settings and firmware', () => {
  it('are read from the BMC where the node asks for it', async (t) => {
    const given = await site(t);
    await given.verified({}, { bios_interface: 'redfish', firmware_interface: 'redfish' });
    const { json } = await given.call('GET', '/v1/nodes/bm1/bios');
    assert.deepEqual(
      json.bios.map(({ name, value }: { name: string; value: unknown }) => [name, value]),
      [
        ['BootMode', 'Uefi'],
        ['LogicalProc', 'true'],
        ['AssetTag', null],
      ],
    );
    assert.equal((await given.call('GET', '/v1/nodes/bm1/bios/BootMode')).json.BootMode.value, 'Uefi');
    assert.equal((await given.call('GET', '/v1/nodes/bm1/bios/toString')).status, 404);
    const { firmware } = (await given.call('GET', '/v1/nodes/bm1/firmware')).json;
    assert.deepEqual(
      firmware.map((one: Record<string, unknown>) => [one['component'], one['current_version'], one['vendor']]),
      [
        ['bios', '2.7.1', 'Fabrikam'],
        ['bmc', '6.10', null],
      ],
    );
  });

  it('are read where a node asks for nothing: settings, not versions', async (t) => {
    const given = await site(t);
    await given.verified();
    assert.equal((await given.call('GET', '/v1/nodes/bm1/bios')).json.bios.length, 3);
    assert.deepEqual((await given.call('GET', '/v1/nodes/bm1/firmware')).json, { firmware: [] });
  });

  it('of a BMC that does not have the settings that it links to are none, and no inspection fails of it', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('bios-not-there');
    assert.deepEqual((await given.call('GET', '/v1/nodes/bm1/bios')).json, { bios: [] });
    assert.equal((await given.provision('inspect')).provision_state, 'manageable');
  });

  it('are empty lists elsewhere, and nobody is asked', async (t) => {
    const given = await site(t);
    await given.verified({}, { bios_interface: 'no-bios' });
    assert.deepEqual((await given.call('GET', '/v1/nodes/bm1/bios')).json, { bios: [] });
    assert.deepEqual((await given.call('GET', '/v1/nodes/bm1/firmware')).json, { firmware: [] });
    assert.deepEqual(given.bmc.asked, []);
  });
});

describe('BIOS settings and firmware of a BMC', () => {
  const kept = { bios_interface: 'redfish', firmware_interface: 'redfish' };
  const firmwareAt = async (given: RedfishSite): Promise<string> =>
    (await given.call('GET', '/v1/nodes/bm1/firmware')).json.firmware[0].current_version;

  it('are kept by an inspection: nobody asks again while the node stays in its state', async (t) => {
    const given = await site(t);
    await given.verified({}, kept);
    await given.provision('inspect');
    given.bmc.asked.length = 0;
    given.bmc.fail('unavailable');
    const { json } = await given.call('GET', '/v1/nodes/bm1/bios');
    assert.equal(json.bios.length, 3);
    assert.equal(Date.parse(json.bios[0].updated_at), given.time);
    assert.equal(await firmwareAt(given), '2.7.1');
    assert.deepEqual(given.bmc.asked, []);
  });

  it('are read anew, once, after the state has changed; a BMC that is away leaves what was read last', async (t) => {
    const given = await site(t);
    await given.verified({}, kept);
    await given.provision('inspect');
    given.time += 60_000;
    await given.provision('provide');
    given.bmc.biosVersion = '3.0';
    given.bmc.fail('unavailable');
    assert.equal(await firmwareAt(given), '2.7.1');
    given.bmc.heal();
    assert.equal(await firmwareAt(given), '3.0');
    given.bmc.asked.length = 0;
    assert.equal(await firmwareAt(given), '3.0');
    assert.deepEqual(given.bmc.asked, []);
  });

  it('that nobody has read yet are a 503 while the BMC is away, never an empty list', async (t) => {
    const given = await site(t);
    await given.verified({}, kept);
    given.bmc.fail('unavailable');
    assert.equal((await given.call('GET', '/v1/nodes/bm1/bios')).status, 503);
  });
});

describe('inspection by Redfish', () => {
  const rule = (given: RedfishSite, op: string, args: Record<string, unknown>) =>
    given.call('POST', '/v1/inspection_rules', {
      description: 'of Fabrikam',
      conditions: [{ op: 'eq', args: { values: ['{inventory[system_vendor][manufacturer]}', 'Fabrikam'] } }],
      actions: [{ op, args }],
    });

  it('is followed by the rules of the operator', async (t) => {
    const given = await site(t);
    await given.verified();
    const made = await rule(given, 'set-attribute', {
      path: '/extra/vendor',
      value: '{inventory[system_vendor][product_name]}',
    });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    const node = await given.provision('inspect');
    assert.deepEqual([node.provision_state, node.extra['vendor']], ['manageable', 'R1']);
    assert.equal(node.macs.length, 2);
  });

  it('makes ports as the rules want them: those that are there, and those that it finds', async (t) => {
    const given = await site(t);
    const before = await given.verified();
    const macs = ['52:54:00:aa:00:01', '52:54:00:aa:00:02'];
    await given.call('POST', '/v1/ports', { node_uuid: before.uuid, address: macs[0] });
    const args = { port_id: '{item}', path: 'physical_network', value: 'rack-7' };
    const actions = [{ op: 'set-port-attribute', args, loop: macs }];
    assert.equal((await given.call('POST', '/v1/inspection_rules', { actions })).status, 201);
    assert.equal((await given.provision('inspect')).provision_state, 'manageable');
    const { json } = await given.call('GET', '/v1/ports?fields=address,physical_network');
    const seen = (json.ports as { address: string; physical_network: string }[]).map((port) => [
      port.address,
      port.physical_network,
    ]);
    assert.deepEqual(seen.sort(), [
      [macs[0], 'rack-7'],
      [macs[1], 'rack-7'],
    ]);
  });

  it('that a rule refuses fails with its reason, and nothing is learned', async (t) => {
    const given = await site(t);
    await given.verified();
    assert.equal((await rule(given, 'fail', { msg: 'not in this rack' })).status, 201);
    const node = await given.provision('inspect');
    assert.equal(node.provision_state, 'inspect failed');
    assert.match(node.last_error ?? '', /the inspection by the BMC was refused: Inspection rule .*not in this rack/);
    assert.deepEqual(node.macs, []);
    assert.equal((await given.call('GET', '/v1/nodes/bm1/inventory')).status, 404);
  });

  it('learns properties, ports and the inventory without booting anything', async (t) => {
    const given = await site(t);
    await given.verified({}, { properties: { memory_mb: 1 } });
    const node = await given.provision('inspect');
    assert.deepEqual([node.provision_state, node.last_error], ['manageable', null]);
    assert.deepEqual(node.macs, ['52:54:00:aa:00:01', '52:54:00:aa:00:02']);
    assert.equal(node.properties['serial_number'], 'FBK0001');
    assert.equal(node.properties['cpu_arch'], 'x86_64');
    assert.equal(node.properties['memory_mb'], 1, 'what the operator wrote stays');
    assert.equal(node.properties['local_gb'], 479);
    assert.notEqual(node.inspection_finished_at, null);
    assert.deepEqual(given.bmc.resets(), []);
    const { json } = await given.call('GET', '/v1/nodes/bm1/inventory');
    assert.equal(json.inventory.memory.physical_mb, 128 * 1024);
    assert.equal(json.inventory.interfaces.length, 2, 'a card that is listed and not there is left out');
  });

  it('twice learns nothing twice', async (t) => {
    const given = await site(t);
    await given.verified();
    await given.provision('inspect');
    const node = await given.provision('inspect');
    assert.deepEqual([node.provision_state, node.macs.length], ['manageable', 2]);
    assert.equal((await given.call('GET', '/v1/ports')).json.ports.length, 2);
  });

  it('of a card that another node has fails and says whose it is', async (t) => {
    const given = await site(t);
    await given.verified();
    const other = await given.call('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'other' });
    await given.call('POST', '/v1/ports', { node_uuid: other.json.uuid, address: '52:54:00:aa:00:02' });
    await given.provision('inspect');
    const node = await given.nodes.byName('bm1');
    assert.equal(node?.provision_state, 'inspect failed');
    assert.match(node?.last_error ?? '', new RegExp(`52:54:00:aa:00:02 belongs to another node .*${other.json.uuid}`));
  });

  it('of a BMC that is down fails after a few looks', async (t) => {
    const given = await site(t);
    await given.verified();
    given.bmc.fail('unavailable');
    const node = await given.provision('inspect');
    assert.equal(node.provision_state, 'inspect failed');
    assert.match(node.last_error ?? '', /the BMC could not be asked what the machine is: BMC \S+: .*503/);
  });
});

describe('the password of a BMC', () => {
  it('is in the secrets table and nowhere else', async (t) => {
    const given = await site(t);
    const node = await given.verified();
    await given.power('power on');
    await given.provision('inspect');
    assert.equal(node.driver_info['redfish_password'], '******');
    assert.equal((await given.services.secrets.get(node.uuid))['redfish_password'], BMC_PASSWORD);
    const shown = JSON.stringify((await given.call('GET', '/v1/nodes/bm1')).json);
    for (const text of [await given.everythingWritten(), shown]) {
      assert.ok(!text.includes(BMC_PASSWORD));
      assert.ok(!text.includes(Buffer.from(`admin:${BMC_PASSWORD}`).toString('base64')));
    }
  });
});
