import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULTS } from '../../shared/configuration.ts';
import { DEPLOY, POWER } from '../../shared/drivers/capabilities.ts';
import { driverExchange, fakeExchange } from '../../shared/drivers/driver.ts';
import { implementationOf, sameAs } from '../../shared/drivers/implementation.ts';
import { INTERFACE_KINDS } from '../../shared/drivers/interface-kinds.ts';
import {
  bootDevices,
  checkInterfaces,
  defaultInterfaces,
  deployCapability,
  hardwareType,
  hardwareTypes,
  powerCapability,
} from '../../shared/drivers/registry.ts';
import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import { InvalidInput, NotFound } from '../../shared/errors.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

const UUID = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';

function node(driver: string, differs: Partial<Node> = {}): Node {
  const interfaces = defaultInterfaces(driver);
  return newNode({ uuid: UUID, driver, created_at: '2026-11-23T00:00:00.000000+00:00', interfaces, ...differs });
}

describe('the table of hardware types', () => {
  test('enables every default that it names', () => {
    for (const type of hardwareTypes()) {
      for (const { kind } of INTERFACE_KINDS) {
        assert.ok(type.interfaces[kind].enabled.includes(type.interfaces[kind].default), `${type.name} ${kind}`);
      }
    }
  });

  test('gives fake-hardware the defaults that stock clients rely on', () => {
    const given = defaultInterfaces('fake-hardware');
    for (const kind of ['boot', 'deploy', 'management', 'power']) assert.equal(given[`${kind}_interface`], 'fake');
    assert.equal(given.network_interface, 'noop');
    assert.equal(Object.keys(given).length, INTERFACE_KINDS.length);
  });

  test('does not know a driver that has no row, nor a name of Object', () => {
    for (const name of ['ipmi-2000', 'constructor', '__proto__']) {
      assert.throws(() => hardwareType(name), NotFound);
      assert.throws(() => defaultInterfaces(name), InvalidInput);
    }
  });
});

/** Driver → interface field → names that stock clients send (operator-api.md §2.8), and names of others. */
const NAMES: [driver: string, kind: string, taken: string[], refused: string[]][] = [
  ['redfish', 'boot', ['ipxe', 'redfish-virtual-media', 'redfish-https'], ['idrac-redfish-virtual-media', 'https']],
  ['redfish', 'deploy', ['direct', 'ramdisk', 'custom-agent'], ['custom', 'fake']],
  ['redfish', 'bios', ['redfish', 'no-bios'], ['idrac-redfish']],
  ['redfish', 'raid', ['redfish', 'agent', 'no-raid'], ['idrac-redfish']],
  ['redfish', 'inspect', ['agent', 'redfish'], ['idrac-redfish']],
  ['redfish', 'power', ['redfish'], ['idrac-redfish', 'fake']],
  ['redfish', 'management', ['redfish'], ['idrac-redfish']],
  ['redfish', 'vendor', ['redfish'], ['idrac-redfish']],
  ['idrac', 'bios', ['idrac-redfish', 'redfish', 'no-bios'], ['fake']],
  ['idrac', 'boot', ['ipxe', 'idrac-redfish-virtual-media', 'redfish-https'], ['redfish-virtual-media']],
  ['idrac', 'deploy', ['direct', 'ramdisk', 'custom-agent'], ['fake']],
  ['idrac', 'firmware', ['redfish', 'no-firmware'], ['idrac-redfish']],
  ['idrac', 'inspect', ['redfish', 'agent', 'idrac-redfish'], ['fake']],
  ['idrac', 'management', ['idrac-redfish'], ['redfish', 'ipmitool']],
  ['idrac', 'power', ['idrac-redfish', 'redfish'], ['ipmitool']],
  ['idrac', 'raid', ['idrac-redfish', 'agent', 'no-raid'], ['redfish']],
  ['idrac', 'vendor', ['idrac-redfish'], ['idrac']],
  ['ipmi', 'boot', ['ipxe'], ['redfish-https', 'redfish-virtual-media']],
  ['ipmi', 'deploy', ['custom-agent'], ['fake']],
  ['manual', 'deploy', ['custom-agent'], ['fake']],
  ['hook', 'deploy', ['custom-agent'], ['fake']],
  ['fake-hardware', 'deploy', ['fake', 'custom-agent'], ['custom']],
];

describe('the names of drivers and interfaces', () => {
  for (const [driver, kind, taken, refused] of NAMES) {
    test(`${driver}: ${kind} is ${taken.join(', ')}, and not ${refused.join(', ')}`, () => {
      const field = `${kind}_interface`;
      for (const name of taken) assert.equal(checkInterfaces(driver, { [field]: name })[field], name);
      for (const name of refused) assert.throws(() => checkInterfaces(driver, { [field]: name }), InvalidInput);
    });
  }

  test('give Redfish the BIOS that Ironic gives it, by each vendor’s name', () => {
    assert.equal(defaultInterfaces('redfish').bios_interface, 'redfish');
    assert.equal(defaultInterfaces('idrac').bios_interface, 'idrac-redfish');
    for (const driver of ['manual', 'ipmi', 'hook']) assert.equal(defaultInterfaces(driver).bios_interface, 'no-bios');
  });

  test('that vendors have for the same thing are one implementation, and no others are', () => {
    const of = (name: string) => implementationOf({ interfaces: { power_interface: name } }, 'power');
    assert.equal(of('idrac-redfish'), 'redfish');
    for (const name of ['fake', 'idrac', 'constructor']) assert.equal(of(name), name);
    assert.equal(implementationOf({ interfaces: {} }, 'raid'), 'no-raid');
    assert.equal(powerCapability(node('idrac')), 'exchange');
    assert.deepEqual(bootDevices(node('idrac')), bootDevices(node('redfish')));
  });

  test('have a row with what they can do, each of deploy and power; a deploy without one drives no agent', () => {
    const of = (name: string) => deployCapability({ interfaces: { deploy_interface: name } });
    assert.deepEqual(['direct', 'custom-agent', 'ramdisk', 'toString'].map(of), ['image', 'agent', 'none', 'none']);
    for (const { name, interfaces } of hardwareTypes()) {
      for (const one of interfaces.deploy.enabled) assert.ok(DEPLOY.has(one), `${name} ${one}`);
      for (const one of interfaces.power.enabled) assert.ok(POWER.has(sameAs(one)), `${name} ${one}`);
    }
  });
});

describe('interfaces that an operator asks for', () => {
  test('win over the defaults', () => {
    const given = checkInterfaces('fake-hardware', { deploy_interface: 'direct', inspect_interface: 'agent' });
    assert.equal(given.deploy_interface, 'direct');
    assert.equal(given.inspect_interface, 'agent');
    assert.equal(given.power_interface, 'fake');
  });

  test('are refused when the driver does not enable them', () => {
    assert.throws(
      () => checkInterfaces('manual', { power_interface: 'fake' }),
      (error: Error) =>
        error instanceof InvalidInput && /hardware\.interfaces\.power.*fake.*\['manual'\]/.test(error.message),
    );
  });

  test('are refused when there is no such kind', () => {
    assert.throws(() => checkInterfaces('manual', { teleport_interface: 'fake' }), InvalidInput);
    assert.throws(() => checkInterfaces('manual', { constructor: 'fake' }), InvalidInput);
  });
});

describe('pretended hardware', () => {
  test('is off until somebody switched it on', () => {
    const request = { to: 'driver', action: 'power-state' } as const;
    assert.deepEqual(fakeExchange(node('fake-hardware'), request), { kind: 'power', state: 'power off' });
    const on = node('fake-hardware', { power_state: 'power on' });
    assert.deepEqual(driverExchange(on, request), { kind: 'power', state: 'power on' });
  });

  test('is on after a reboot and off after a power off', () => {
    const set = (target: 'power off' | 'rebooting') =>
      driverExchange(node('fake-hardware'), { to: 'driver', action: 'set-power', target });
    assert.deepEqual(set('rebooting'), { kind: 'power', state: 'power on' });
    assert.deepEqual(set('power off'), { kind: 'power', state: 'power off' });
  });

  test('refuses a boot device that it does not have', () => {
    const set = (device: string) =>
      driverExchange(node('fake-hardware'), { to: 'driver', action: 'set-boot-device', device, persistent: false });
    assert.deepEqual(set('disk'), { kind: 'accepted' });
    const refused = set('wanboot');
    assert.ok(refused !== 'remote' && refused.kind === 'refused' && refused.status === 400);
  });
});

describe('a machine without a BMC', () => {
  test('tells what a person must do, and where', () => {
    const given = node('manual', { driver_info: { power_instructions: 'rack 1, slot 7' } });
    const reply = driverExchange(given, { to: 'driver', action: 'set-power', target: 'rebooting' });
    assert.ok(reply !== 'remote' && reply.kind === 'unsupported');
    assert.match(reply.message, /Restart it by hand \(rack 1, slot 7\).*states\/power/);
  });

  test('is never pretended to be off', () => {
    const reply = driverExchange(node('manual'), { to: 'driver', action: 'power-state' });
    assert.deepEqual(reply, { kind: 'power', state: null });
  });

  test('needs a person, as does every power interface that is not declared', () => {
    assert.equal(powerCapability(node('manual')), 'person');
    assert.equal(powerCapability({ interfaces: { power_interface: 'toString' } }), 'person');
    assert.equal(powerCapability(node('fake-hardware')), 'immediate');
  });
});

describe('validation', () => {
  test('has a verdict for every interface but vendor', () => {
    const verdicts = validateInterfaces(node('fake-hardware'), DEFAULTS);
    const kinds = INTERFACE_KINDS.map(({ kind }) => kind).filter((kind) => kind !== 'vendor');
    assert.deepEqual(Object.keys(verdicts).sort(), [...kinds].sort());
    for (const verdict of Object.values(verdicts)) assert.deepEqual(verdict, { result: true });
  });

  test('says of an interface that is switched off that the driver does not support it', () => {
    const { console: verdict } = validateInterfaces(node('manual'), DEFAULTS);
    assert.equal(verdict?.result, false);
    assert.equal(verdict?.reason, 'Driver manual does not support console (disabled or not implemented).');
  });

  test('wants an agent ISO where the ramdisk is one, by whatever name, and names the interface', () => {
    const redfish_address = 'https://bmc.example.org';
    const boot = (driver: string, name: string, deploy_iso?: string) => {
      const interfaces = checkInterfaces(driver, { boot_interface: name });
      const driver_info = { redfish_address, ...(deploy_iso !== undefined && { deploy_iso }) };
      return validateInterfaces(node(driver, { interfaces, driver_info }), DEFAULTS).boot;
    };
    for (const [driver, name] of [
      ['redfish', 'redfish-virtual-media'],
      ['redfish', 'redfish-https'],
      ['idrac', 'idrac-redfish-virtual-media'],
    ] as const) {
      assert.match(
        boot(driver, name)?.reason ?? '',
        new RegExp(`boot_interface ${name} needs the URL of an agent ISO`),
      );
      assert.deepEqual(boot(driver, name, 'http://192.0.2.1/agent.iso'), { result: true });
    }
    assert.match(validateInterfaces(node('idrac'), DEFAULTS).power?.reason ?? '', /redfish_address/);
  });

  test('wants no image of a deploy that is the agent’s own', () => {
    const interfaces = checkInterfaces('manual', { deploy_interface: 'custom-agent' });
    assert.deepEqual(validateInterfaces(node('manual', { interfaces }), DEFAULTS).deploy, { result: true });
  });

  test('wants an image with a way to check it before it calls a direct deploy valid', () => {
    const deploy = (instance_info: Node['instance_info']) =>
      validateInterfaces(node('manual', { instance_info }), DEFAULTS).deploy;
    assert.match(deploy({})?.reason ?? '', /instance_info\.image_source/);
    const image_source = 'http://10.0.0.1/image.raw';
    assert.equal(deploy({ image_source })?.result, false);
    assert.equal(deploy({ image_source, image_os_hash_value: 'ab' })?.result, false);
    assert.equal(deploy({ image_source, image_os_hash_algo: 'sha256', image_checksum: 'ab' })?.result, false);
    assert.equal(deploy({ image_source, image_os_hash_algo: 'sha256', image_os_hash_value: 'ab' })?.result, true);
    assert.equal(deploy({ image_source, image_checksum: 'ab' })?.result, true);
  });

  const image = { image_source: 'http://10.0.0.1/image.raw', image_checksum: 'a'.repeat(64) };
  const md5 = { ...image, image_checksum: 'A'.repeat(32) };
  const images: [string, Node['instance_info'], RegExp | undefined, Partial<typeof DEFAULTS>?][] = [
    [
      'an image that is called a partition',
      { ...image, image_type: 'partition' },
      /image_type is partition.*whole-disk/,
    ],
    [
      'a kernel beside an image',
      { ...image, kernel: 'http://10.0.0.1/k' },
      /kernel or a ramdisk.*image_type whole-disk/,
    ],
    ['a ramdisk beside an image', { ...image, ramdisk: 'http://10.0.0.1/r' }, /partition image/],
    ['a kernel beside a whole disk', { ...image, image_type: 'whole-disk', kernel: 'k', ramdisk: 'r' }, undefined],
    ['an MD5 checksum', md5, /MD5.*give a SHA-256 or SHA-512 instead.*allowMd5Checksum/],
    ['MD5 by name', { ...image, image_os_hash_algo: 'md5', image_os_hash_value: 'ab' }, /MD5/],
    ['an MD5 checksum where it is allowed', md5, undefined, { allowMd5Checksum: true }],
    [
      'an MD5 checksum beside a better one',
      { ...md5, image_os_hash_algo: 'sha512', image_os_hash_value: 'ab' },
      undefined,
    ],
    ['the URL of a file of checksums', { ...image, image_checksum: 'http://10.0.0.1/MD5SUMS' }, undefined],
  ];
  for (const [what, instance_info, refusal, settings] of images) {
    test(`${refusal ? 'refuses' : 'takes'} ${what}, where an agent writes it`, () => {
      const { deploy } = validateInterfaces(node('manual', { instance_info }), { ...DEFAULTS, ...settings });
      assert.deepEqual(deploy?.result, refusal === undefined);
      if (refusal) assert.match(deploy?.reason ?? '', refusal);
      const pretended = validateInterfaces(node('fake-hardware', { instance_info }), DEFAULTS).deploy;
      assert.deepEqual(pretended, { result: true });
    });
  }
});
