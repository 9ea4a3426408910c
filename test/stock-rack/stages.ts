import type { Tenant } from './tenant.ts';

export interface Stage {
  name: string;
  /** What is worth saying of it, besides how long it took. */
  run(tenant: Tenant): Promise<string> | Promise<void>;
}

const WIPE = [{ interface: 'deploy', step: 'erase_devices_metadata' }];
const INJECT = [{ interface: 'deploy', step: 'inject_files' }];
const RESCUE = { rescue_password: 'let-me-in-4-once' };

/** One machine's life, from a stranger to the next owner. */
export const LIFE: readonly Stage[] = [
  { name: 'enrol', run: (t) => t.enrol() },
  {
    name: 'verify',
    run: async (t) => {
      await t.provision('manage', 'manageable');
    },
  },
  {
    name: 'inspect',
    run: async (t) => {
      await t.provision('inspect', 'manageable');
      await t.isAtRest('manageable');
    },
  },
  {
    name: 'clean',
    run: async (t) => {
      await t.provision('clean', 'manageable', { clean_steps: WIPE });
    },
  },
  {
    name: 'provide',
    run: async (t) => {
      await t.provision('provide', 'available');
      await t.isAtRest('available');
    },
  },
  { name: 'deploy', run: (t) => t.deploy() },
  {
    name: 'rebuild',
    run: async (t) => {
      await t.provision('rebuild', 'active');
      await t.runsInstance();
    },
  },
  {
    name: 'rescue',
    run: async (t) => {
      await t.provision('rescue', 'rescue', RESCUE);
      await t.does('rescue');
    },
  },
  {
    name: 'unrescue',
    run: async (t) => {
      await t.provision('unrescue', 'active');
      await t.runsInstance();
    },
  },
  {
    name: 'service',
    run: async (t) => {
      await t.provision('service', 'active', { service_steps: INJECT });
      await t.runsInstance();
      await t.isAtRest('active');
    },
  },
  {
    name: 'undeploy',
    run: async (t) => {
      await t.provision('deleted', 'available');
      await t.isAtRest('available');
    },
  },
];
