import { z } from 'zod';
import { POWER } from '../drivers/capabilities.ts';
import { hardwareType } from '../drivers/registry.ts';
import { type VendorMethod, vendorMethod } from './vendor-method.ts';

/** Present by Python's idea of truth: Ironic calls `""`, `0`, `[]` and `{}` "not passed". */
function present(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

const BAR = z.strictObject({ bar: z.unknown().refine(present, { params: { missing: true } }) });

/** A method of Ironic's FakeVendorB: whether `bar` is the one word that it knows. */
function barRow(name: string, word: string, differs: { async?: boolean; requireExclusiveLock?: boolean } = {}) {
  return vendorMethod({
    name,
    vendor: 'fake',
    audience: 'operator',
    subject: 'node',
    verbs: ['POST'],
    description: `Test if the value of bar is ${word}`,
    arguments: BAR,
    run: async (_call, { bar }) => bar === word,
    ...differs,
  });
}

/** What `fake-hardware` has: Ironic 39's rows of a node, and one nodeless row of our own. */
export const FAKE_ROWS: readonly VendorMethod[] = [
  barRow('second_method', 'kazoo'),
  barRow('third_method_sync', 'meow', { async: false }),
  barRow('fourth_method_shared_lock', 'woof', { requireExclusiveLock: false }),
  vendorMethod({
    name: 'log_passthrough',
    vendor: 'fake',
    audience: 'operator',
    subject: 'node',
    verbs: ['POST'],
    description: 'Test pass-through to wait.',
    arguments: z.looseObject({}),
    run: async () => null,
  }),
  vendorMethod({
    name: 'capabilities',
    vendor: 'fake',
    audience: 'operator',
    subject: 'driver',
    verbs: ['GET'],
    async: false,
    description: 'How the driver switches machines, and who restarts a deployed one',
    arguments: z.strictObject({}),
    run: async ({ subject }) => {
      const type = hardwareType(subject.driver);
      return { power: POWER.get(type.interfaces.power.default) ?? null, reboot: type.reboot, summary: type.summary };
    },
  }),
];
