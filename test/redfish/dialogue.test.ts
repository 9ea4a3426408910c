import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { bootDevice, setBootDevice, setBootMode, setSecureBoot } from '../../shared/drivers/redfish/boot.ts';
import { type Answer, BmcFault, type Call, type Dialogue, linkOf } from '../../shared/drivers/redfish/dialogue.ts';
import { biosSettings, firmwareVersions } from '../../shared/drivers/redfish/firmware.ts';
import { lampState, listLamps, setLamp } from '../../shared/drivers/redfish/indicators.ts';
import { inspect } from '../../shared/drivers/redfish/inspect.ts';
import { ejectMedia, ejectRamdisk, insertBeside, insertMedium, listMedia } from '../../shared/drivers/redfish/media.ts';
import { powerState, setPower } from '../../shared/drivers/redfish/power.ts';
import { createSubscription, getAllSubscriptions } from '../../shared/drivers/redfish/subscriptions.ts';
import type { JsonObject } from '../../shared/json.ts';

const DIALOGUES: Record<string, () => Dialogue<unknown>> = {
  'power state': () => powerState(null),
  'set power': () => setPower(null, 'power on'),
  'soft power off': () => setPower('/redfish/v1/Systems/1', 'soft power off'),
  'boot device': () => bootDevice(null),
  'set boot device': () => setBootDevice(null, 'pxe', false),
  'set boot mode': () => setBootMode(null, 'uefi'),
  'set secure boot': () => setSecureBoot(null, true),
  'list media': () => listMedia(null),
  'insert medium': () => insertMedium(null, 'cdrom', 'http://192.0.2.1/a.iso'),
  'eject media': () => ejectMedia(null),
  'insert beside': () => insertBeside(null, { image: 'http://192.0.2.1/a.iso', like: 'http://192.0.2.1/a.iso' }),
  'eject ramdisk': () => ejectRamdisk(null, 'http://192.0.2.1/a.iso'),
  'list lamps': () => listLamps(null),
  'lamp state': () => lampState(null, '1@system'),
  'set lamp': () => setLamp(null, '1@system', 'on'),
  inspect: () => inspect(null),
  'BIOS settings': () => biosSettings(null),
  firmware: () => firmwareVersions(null),
  subscriptions: () => getAllSubscriptions(),
  'create subscription': () =>
    createSubscription({ Destination: 'http://192.0.2.9', EventTypes: [], Context: '', Protocol: 'Redfish' }),
};

/** Keys that the driver looks at, with anything in them. */
const KEYS = [
  '@odata.id',
  '@odata.type',
  'Members',
  'PowerState',
  'Actions',
  '#ComputerSystem.Reset',
  'target',
  'ResetType@Redfish.AllowableValues',
  'Boot',
  'BootSourceOverrideTarget@Redfish.AllowableValues',
  'SecureBoot',
  'VirtualMedia',
  'MediaTypes',
  'Links',
  'ManagedBy',
  'Chassis',
  'Id',
  'IndicatorLED',
  'LocationIndicatorActive',
  'EthernetInterfaces',
  'MACAddress',
  'Storage',
  'Drives',
  'Processors',
  'error',
  '@Message.ExtendedInfo',
];
const VALUES = [
  '/redfish/v1/Systems/1',
  '/redfish/v1/X',
  'http://169.254.169.254/',
  '//evil/',
  '/\\evil',
  'On',
  'CD',
  '',
];

/** An answer of a BMC that means nothing in particular. */
const answers: fc.Arbitrary<Answer> = fc.record(
  {
    status: fc.constantFrom(200, 200, 200, 200, 201, 204, 400, 401, 404, 409, 412, 500, 503),
    body: fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...VALUES),
        fc.constantFrom(null, true, 0, -1, 1e308),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('object'),
      ),
      object: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 12 }),
    })).object as fc.Arbitrary<JsonObject>,
    etag: fc.string(),
    location: fc.constantFrom('http://evil/redfish/v1/X', '/redfish/v1/X', '::'),
  },
  { requiredKeys: ['status', 'body'] },
);

/** Carries a dialogue out against given answers; the last one is repeated. */
function carriedOut(dialogue: Dialogue<unknown>, given: readonly Answer[]): Call[] {
  const calls: Call[] = [];
  try {
    let step = dialogue.next();
    while (!step.done) {
      calls.push(step.value);
      assert.ok(calls.length < 5000, 'it ends');
      step = dialogue.next(given[Math.min(calls.length, given.length) - 1] ?? { status: 500, body: {} });
    }
  } catch (error) {
    if (!(error instanceof BmcFault)) throw error;
  }
  return calls;
}

describe('a dialogue with a BMC that answers anything at all', () => {
  for (const [name, dialogue] of Object.entries(DIALOGUES)) {
    it(`${name}: ends in a reply or a fault with words, and never asks anybody else`, () => {
      fc.assert(
        fc.property(fc.array(answers, { minLength: 1, maxLength: 8 }), (given) => {
          for (const { path } of carriedOut(dialogue(), given)) {
            assert.equal(new URL(`https://bmc.example${path}`).host, 'bmc.example', path);
            assert.match(path, /^\/[^/\\]/);
          }
        }),
      );
    });
  }

  it('asks the same for the same answers: it can be taken up again from the start', () => {
    fc.assert(
      fc.property(fc.array(answers, { minLength: 1, maxLength: 8 }), (given) => {
        assert.deepEqual(carriedOut(inspect(null), given), carriedOut(inspect(null), given));
      }),
    );
  });

  it('follows links at this BMC only', () => {
    for (const id of ['http://evil/', '//evil/', '/\\evil', '\\\\evil', 'redfish/v1', '/a b', '/a#b', '', null, 7]) {
      assert.equal(linkOf({ '@odata.id': id }), null, String(id));
    }
    assert.equal(linkOf({ '@odata.id': '/redfish/v1/Chassis/1' }), '/redfish/v1/Chassis/1');
  });
});
