import type { Json } from './types.ts';

export type Phase = 'deploy' | 'clean' | 'service';

const MATCH = { match_patterns: { description: 'Patterns of boot entries to delete.', required: false } };
const RAID = {
  raid_config: { description: 'The RAID configuration to apply.', required: true },
  delete_existing: { description: 'Delete the existing configuration first.', required: false },
};
const FILES = {
  files: { description: 'Files to inject.', required: false },
  verify_ca: { description: 'Whether to verify TLS certificates.', required: false },
};

interface Extras {
  readonly priority?: number;
  readonly abortable?: boolean;
  readonly reboot?: boolean;
  readonly argsinfo?: Json;
}

function step(name: string, at: string, extras: Extras = {}): Json {
  return {
    step: name,
    priority: extras.priority ?? 0,
    interface: at,
    reboot_requested: extras.reboot ?? false,
    ...(extras.abortable ? { abortable: true } : {}),
    ...(extras.argsinfo ? { argsinfo: extras.argsinfo } : {}),
  };
}

const abortable = { abortable: true };
const LAB = [
  step('lab_sleep', 'deploy', { ...abortable, argsinfo: { seconds: { description: 'how long', required: false } } }),
  step('lab_fail', 'deploy', { ...abortable, argsinfo: { message: { description: 'error text', required: false } } }),
  step('lab_reboot', 'deploy', { ...abortable, reboot: true }),
];
const burnIn = (kinds: readonly string[]) => kinds.map((kind) => step(`burnin_${kind}`, 'deploy', abortable));

/** The lists of agent 13.0.0 with the laboratory's hardware manager. */
export const STEPS: Record<Phase, readonly Json[]> = {
  deploy: [
    step('erase_devices_metadata', 'deploy'),
    step('apply_configuration', 'raid', { argsinfo: RAID }),
    step('clean_uefi_nvram', 'deploy', { argsinfo: MATCH }),
    step('write_image', 'deploy'),
    step('inject_files', 'deploy', { argsinfo: FILES }),
    step('execute_bootc_install', 'deploy'),
    ...LAB,
  ],
  clean: [
    step('erase_devices', 'deploy', { ...abortable, priority: 10 }),
    step('erase_devices_metadata', 'deploy', { ...abortable, priority: 99 }),
    step('erase_devices_express', 'deploy', abortable),
    step('erase_pstore', 'deploy', abortable),
    step('clean_uefi_nvram', 'deploy', { ...abortable, argsinfo: MATCH }),
    step('delete_configuration', 'raid', abortable),
    step('create_configuration', 'raid', abortable),
    ...burnIn(['cpu', 'gpu', 'disk', 'memory', 'network']),
    ...LAB,
  ],
  service: [
    step('delete_configuration', 'raid', abortable),
    step('apply_configuration', 'raid', { argsinfo: RAID }),
    step('create_configuration', 'raid', abortable),
    ...burnIn(['cpu', 'gpu', 'memory', 'network']),
    step('write_image', 'deploy'),
    step('inject_files', 'deploy', { argsinfo: FILES }),
    step('execute_bootc_install', 'deploy'),
    ...LAB,
  ],
};

/** Of 1.4.0; other phases had no steps then. */
export const LEGACY_CLEAN_STEPS: readonly Json[] = STEPS.clean.filter(
  ({ step: name }) => name === 'erase_devices' || String(name).startsWith('lab_'),
);

/** Keyed by class name, while versions are keyed by manager name: a trap of the real agent. */
export const MANAGER_CLASS = 'LabHardwareManager';
