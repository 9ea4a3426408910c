import { randomUUID } from 'node:crypto';
import type { MachineOptions } from './types.ts';

/** The options with every default filled in. */
export type Settings = Required<MachineOptions>;

let made = 0;

export function settingsOf(options: MachineOptions): Settings {
  made += 1;
  return {
    serial: `VM${String(made).padStart(5, '0')}`,
    uuid: randomUUID(),
    vendor: 'Nodeless',
    product: 'Virtual Machine',
    bmcAddress: null,
    memoryMb: 16_384,
    cpuCount: 8,
    diskGb: 10,
    inspect: false,
    legacy: false,
    legacyDriver: 'agent_ipmitool',
    tls: true,
    bootToken: '',
    timeScale: 1,
    lookupExtra: {},
    lookupTimeoutSeconds: options.legacy ? 300 : 600,
    lookupIntervalSeconds: 1,
    writeSeconds: 20,
    bootSeconds: 1,
    haltSeconds: 1,
    restartSeconds: 30,
    onEvent: () => {},
    random: Math.random,
    defects: {},
    ...options,
    // The agent strips the slash, too: paths are appended as text
    apiUrl: options.apiUrl.replace(/\/+$/, ''),
  };
}
