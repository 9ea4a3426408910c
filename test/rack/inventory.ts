import type { Settings } from './settings.ts';
import type { Json } from './types.ts';

/** MACs as the agent reports them: those that begin with `fa:` vanish. */
export function reportedMac(mac: string): string | null {
  return mac.toLowerCase().startsWith('fa:') ? null : mac;
}

export const VERSIONS: Json = { nodeless_lab: '1', generic_hardware_manager: '1.2' };

export const LEGACY_VERSIONS: Json = { nodeless_lab: '1', generic_hardware_manager: '1.0' };

function networkCard(mac: string, index: number): Json {
  return {
    name: `eth${index}`,
    mac_address: reportedMac(mac),
    ipv4_address: index === 0 ? '127.0.0.1' : null,
    ipv6_address: null,
    has_carrier: index === 0,
    lldp: [],
    vendor: '0x1af4',
    product: '0x0001',
    client_id: null,
    biosdevname: null,
    speed_mbps: index === 0 ? 10_000 : null,
    pci_address: `0000:3b:00.${index}`,
    driver: 'virtio_net',
  };
}

function rootDisk(settings: Settings): Json {
  return {
    name: '/dev/sda',
    model: 'VIRTUAL SSD',
    size: settings.diskGb * 1024 ** 3,
    rotational: false,
    wwn: '0x5000c50000000001',
    serial: `${settings.serial}-D0`,
    vendor: 'NODELESS',
    wwn_with_extension: null,
    wwn_vendor_extension: null,
    hctl: '0:0:0:0',
    by_path: null,
    logical_sectors: 512,
    physical_sectors: 512,
    tran: null,
  };
}

/** The inventory of a current agent. */
export function inventoryOf(settings: Settings, hideBmc = false): Json {
  return {
    interfaces: settings.macs.map(networkCard),
    cpu: {
      model_name: 'Virtual CPU',
      frequency: '2600.0000',
      count: settings.cpuCount,
      architecture: 'x86_64',
      flags: ['aes', 'vmx'],
      socket_count: 1,
    },
    disks: [rootDisk(settings)],
    memory: { total: settings.memoryMb * 1024 ** 2, physical_mb: settings.memoryMb },
    bmc_address: hideBmc ? null : settings.bmcAddress,
    bmc_v6address: hideBmc || settings.bmcAddress === null ? null : '::/0',
    system_vendor: {
      product_name: settings.product,
      serial_number: settings.serial,
      manufacturer: settings.vendor,
      firmware: { vendor: settings.vendor, version: '1.0', build_date: '01/01/2026' },
    },
    boot: { current_boot_mode: 'uefi', pxe_interface: settings.macs[0] ?? null },
    hostname: settings.serial.toLowerCase(),
  };
}

/** The body of the inspection post with the collectors `default`. */
export function inspectionOf(settings: Settings): Json {
  return {
    inventory: inventoryOf(settings),
    root_disk: rootDisk(settings),
    boot_interface: settings.macs[0] ?? null,
    configuration: {
      collectors: ['default'],
      managers: Object.entries(VERSIONS).map(([name, version]) => ({ name, version })),
    },
    error: null,
  };
}

const pick = (from: Json, keys: readonly string[]): Json => Object.fromEntries(keys.map((key) => [key, from[key]]));

/** The shorter inventory of an agent of 2016 (1.4.0). */
export function legacyInventoryOf(settings: Settings): Json {
  return {
    interfaces: settings.macs
      .map(networkCard)
      .map((card) => pick(card, ['name', 'mac_address', 'ipv4_address', 'has_carrier', 'lldp']))
      .map((card) => ({ ...card, switch_port_descr: null, switch_chassis_descr: null })),
    cpu: {
      model_name: 'Virtual CPU',
      frequency: '2600.0000',
      count: settings.cpuCount,
      architecture: 'x86_64',
      flags: ['aes', 'vmx'],
    },
    disks: [
      pick(rootDisk(settings), [
        'name',
        'model',
        'size',
        'rotational',
        'wwn',
        'serial',
        'vendor',
        'wwn_with_extension',
        'wwn_vendor_extension',
      ]),
    ],
    memory: { total: settings.memoryMb * 1024 ** 2, physical_mb: settings.memoryMb },
    bmc_address: settings.bmcAddress,
    system_vendor: {
      product_name: settings.product,
      serial_number: settings.serial,
      manufacturer: settings.vendor,
    },
    boot: { current_boot_mode: 'uefi', pxe_interface: settings.macs[0] ?? null },
  };
}
