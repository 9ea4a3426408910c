import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULTS } from '../../shared/configuration.ts';
import { driverExchange, fakeExchange } from '../../shared/drivers/driver.ts';
import { INTERFACE_KINDS } from '../../shared/drivers/interface-kinds.ts';
import {
  checkInterfaces,
  defaultInterfaces,
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
