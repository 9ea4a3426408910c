import type { InterfaceKind } from './interface-kinds.ts';
import { IPMI_PROPERTIES } from './ipmi.ts';
import { REDFISH_PROPERTIES } from './redfish/settings.ts';

/** Implementations of one kind that a driver offers. */
export interface Offer {
  /** What a node gets that asks for nothing. */
  default: string;
  enabled: readonly string[];
}

export interface HardwareType {
  name: string;
  summary: string;
  /** Keys of `driver_info` → description, for `GET /v1/drivers/{driver}/properties`. */
  properties: Readonly<Record<string, string>>;
  interfaces: Readonly<Record<InterfaceKind, Offer>>;
  /** How a machine that runs no agent of ours (a deployed one) is restarted. */
  reboot: 'driver' | 'person';
}

/** `enabled`'s first name is the default. */
function offer(...enabled: [string, ...string[]]): Offer {
  return { default: enabled[0], enabled };
}

/** What a BMC that speaks Redfish offers. */
const REDFISH: HardwareType['interfaces'] = {
  bios: offer('redfish', 'no-bios'),
  boot: offer('ipxe', 'pxe', 'redfish-virtual-media', 'redfish-https'),
  console: offer('no-console'),
  deploy: offer('direct', 'ramdisk', 'custom-agent'),
  firmware: offer('no-firmware', 'redfish'),
  inspect: offer('redfish', 'agent', 'no-inspect'),
  management: offer('redfish'),
  network: offer('noop'),
  power: offer('redfish'),
  // Metal3 asks for `redfish`: its steps are refused with a reason, and `validate` says it too.
  raid: offer('no-raid', 'agent', 'redfish'),
  rescue: offer('no-rescue', 'agent'),
  storage: offer('noop'),
  vendor: offer('redfish', 'no-vendor', 'hook'),
};

/** The drivers, as data. Order of rows is the order of `GET /v1/drivers`. */
export const HARDWARE_TYPES: readonly HardwareType[] = [
  {
    name: 'fake-hardware',
    summary: 'Pretends power and management with a memory; direct and agent interfaces drive a real agent',
    properties: { B1: 'B1 description. Required.', B2: 'B2 description. Required.' },
    interfaces: {
      bios: offer('fake', 'no-bios'),
      boot: offer('fake', 'ipxe', 'pxe'),
      console: offer('fake', 'no-console'),
      deploy: offer('fake', 'direct', 'ramdisk', 'custom-agent'),
      firmware: offer('fake', 'no-firmware'),
      inspect: offer('fake', 'agent', 'no-inspect'),
      management: offer('fake', 'noop'),
      network: offer('noop'),
      power: offer('fake'),
      raid: offer('fake', 'agent', 'no-raid'),
      rescue: offer('fake', 'agent', 'no-rescue'),
      storage: offer('noop', 'fake'),
      vendor: offer('fake', 'no-vendor'),
    },
    reboot: 'driver',
  },
  {
    name: 'manual',
    summary: 'No BMC: the agent restarts the machine while it runs, a person otherwise',
    properties: {
      power_instructions:
        'What the person who has to switch the machine is told, for example where it stands. Optional.',
    },
    interfaces: {
      bios: offer('no-bios'),
      boot: offer('noop', 'ipxe', 'pxe'),
      console: offer('no-console'),
      deploy: offer('direct', 'ramdisk', 'custom-agent'),
      firmware: offer('no-firmware'),
      inspect: offer('agent', 'no-inspect'),
      management: offer('noop'),
      network: offer('noop'),
      power: offer('manual'),
      raid: offer('no-raid', 'agent'),
      rescue: offer('agent', 'no-rescue'),
      storage: offer('noop'),
      vendor: offer('no-vendor', 'hook'),
    },
    reboot: 'person',
  },
  {
    name: 'redfish',
    summary: 'A BMC that speaks Redfish: power, boot device, virtual media, BIOS settings, inspection, events',
    properties: REDFISH_PROPERTIES,
    interfaces: REDFISH,
    reboot: 'driver',
  },
  {
    name: 'idrac',
    summary: "Dell's BMC, by the same Redfish: its own names are for inventories and stock clients that have them",
    properties: REDFISH_PROPERTIES,
    interfaces: {
      ...REDFISH,
      bios: offer('idrac-redfish', 'redfish', 'no-bios'),
      boot: offer('ipxe', 'pxe', 'idrac-redfish-virtual-media', 'redfish-https'),
      inspect: offer('idrac-redfish', 'redfish', 'agent', 'no-inspect'),
      management: offer('idrac-redfish'),
      power: offer('idrac-redfish', 'redfish'),
      raid: offer('no-raid', 'agent', 'idrac-redfish'),
      vendor: offer('idrac-redfish', 'redfish', 'no-vendor', 'hook'),
    },
    reboot: 'driver',
  },
  {
    name: 'ipmi',
    summary:
      "A BMC that nothing here speaks to: inventories and stock clients have it, an operator's code may switch it",
    properties: IPMI_PROPERTIES,
    interfaces: {
      bios: offer('no-bios'),
      boot: offer('ipxe', 'pxe'),
      console: offer('no-console'),
      deploy: offer('direct', 'ramdisk', 'custom-agent'),
      firmware: offer('no-firmware'),
      inspect: offer('agent', 'no-inspect'),
      management: offer('ipmitool', 'hook'),
      network: offer('noop'),
      power: offer('ipmitool', 'hook'),
      raid: offer('no-raid', 'agent'),
      rescue: offer('no-rescue', 'agent'),
      storage: offer('noop'),
      vendor: offer('no-vendor', 'hook'),
    },
    reboot: 'driver',
  },
  {
    name: 'hook',
    summary: "An operator's own code (a function or a signed webhook) switches the machine and has its vendor methods",
    properties: { hook: "Which of the configuration's hooks drives this node. Required." },
    interfaces: {
      bios: offer('no-bios'),
      boot: offer('ipxe', 'pxe', 'noop'),
      console: offer('no-console'),
      deploy: offer('direct', 'ramdisk', 'custom-agent'),
      firmware: offer('no-firmware'),
      inspect: offer('agent', 'no-inspect'),
      management: offer('hook', 'noop'),
      network: offer('noop'),
      power: offer('hook'),
      raid: offer('no-raid', 'agent'),
      rescue: offer('no-rescue', 'agent'),
      storage: offer('noop'),
      vendor: offer('hook', 'no-vendor'),
    },
    reboot: 'driver',
  },
];
