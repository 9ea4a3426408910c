import type { JsonObject, JsonValue } from '../node/node.ts';
import { type Evidence, normaliseIdentifier, normaliseMacs } from './evidence.ts';

const object = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

/**
 * Evidence from an agent's inventory (contract §4.2). It carries one serial number and no system UUID; MACs beginning
 * with `fa:` are null there.
 */
export function evidenceFromInventory(inventory: JsonObject): Evidence {
  const interfaces = Array.isArray(inventory['interfaces']) ? inventory['interfaces'] : [];
  const vendor = object(inventory['system_vendor']);
  const serial = normaliseIdentifier(vendor['serial_number']);
  const systemUuid = normaliseIdentifier(vendor['system_uuid']);
  return {
    macs: normaliseMacs(interfaces.map((nic) => object(nic)['mac_address'])),
    ...(serial ? { serial } : {}),
    ...(systemUuid ? { systemUuid } : {}),
    profile: profileOf(inventory, vendor, serial),
  };
}

function profileOf(inventory: JsonObject, vendor: JsonObject, serial: string | undefined): JsonObject {
  const cpu = object(inventory['cpu']);
  const memory = object(inventory['memory']);
  const disks = Array.isArray(inventory['disks']) ? inventory['disks'].map(object) : [];
  const sizes = disks.flatMap((disk) => (typeof disk['size'] === 'number' ? [disk['size']] : []));
  const bootMode = object(inventory['boot'])['current_boot_mode'];
  const told: Record<string, JsonValue | undefined> = {
    // As it is printed on the machine; comparisons normalise.
    serial_number: serial === undefined ? undefined : String(vendor['serial_number']).trim(),
    vendor: vendor['manufacturer'],
    model: vendor['product_name'],
    cpu_arch: cpu['architecture'],
    cpus: cpu['count'],
    memory_mb: memory['physical_mb'],
    local_gb: sizes.length > 0 ? Math.max(0, Math.floor(Math.min(...sizes) / 2 ** 30) - 1) : undefined,
    capabilities: typeof bootMode === 'string' ? `boot_mode:${bootMode}` : undefined,
  };
  return Object.fromEntries(
    Object.entries(told).filter((entry): entry is [string, JsonValue] => {
      const value = entry[1];
      return typeof value === 'number' ? value >= 0 : typeof value === 'string' && value !== '' && value.length <= 255;
    }),
  );
}
