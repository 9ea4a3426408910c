import type { JsonObject, JsonValue } from '../json.ts';
import { type Evidence, evidenceOf, type Shown } from './evidence.ts';
import type { EvidenceKind } from './kinds.ts';

const object = (value: JsonValue | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
const list = (value: JsonValue | undefined): JsonObject[] => (Array.isArray(value) ? value.map(object) : []);

/** Disks and slots beyond this tell nothing new. */
const MOST_PARTS = 16;

/** Where an inventory may name a value. IPA's own has one serial number and no system UUID; hardware managers add keys. */
const IN_SYSTEM_VENDOR: readonly [string, EvidenceKind][] = [
  ['serial_number', 'system_serial'],
  ['system_uuid', 'system_uuid'],
  ['uuid', 'system_uuid'],
  ['board_serial', 'board_serial'],
  ['chassis_serial', 'chassis_serial'],
  ['asset_tag', 'asset_tag'],
  ['tpm_ek_hash', 'tpm_ek'],
];
/** What IPA's collector `extra-hardware` posts beside the inventory: `[section, item, key, value]`. */
const IN_EXTRA_HARDWARE: Readonly<Record<string, EvidenceKind>> = {
  'system product serial': 'system_serial',
  'system product uuid': 'system_uuid',
  'system motherboard serial': 'board_serial',
  'system chassis serial': 'chassis_serial',
};

/**
 * Evidence from an agent's inventory (contract §4.2), and from what was posted beside it. MACs beginning with `fa:` are
 * null there; `0.0.0.0` and `::/0` stand for a BMC without an address.
 */
export function evidenceFromInventory(inventory: JsonObject, beside: JsonObject = {}): Evidence {
  const vendor = object(inventory['system_vendor']);
  const told = (kind: EvidenceKind, text: JsonValue | undefined): Shown => ({ kind, text, source: 'inventory' });
  const interfaces = list(inventory['interfaces']);
  const shown = [
    ...interfaces.map((nic) => told('mac', nic['mac_address'])),
    ...IN_SYSTEM_VENDOR.map(([key, kind]) => told(kind, vendor[key])),
    told('bmc_mac', inventory['bmc_mac']),
    told('bmc_address', inventory['bmc_address']),
    told('bmc_address', inventory['bmc_v6address']),
    ...list(inventory['disks'])
      .slice(0, MOST_PARTS)
      .map((disk) => told('disk', disk['serial'] ?? disk['wwn'])),
    ...interfaces.slice(0, MOST_PARTS).map((nic) => told('lldp_slot', slotOf(nic['lldp']))),
    ...fromExtraHardware(beside['data']),
  ];
  return evidenceOf(firstOfEach(shown), profileOf(inventory, vendor));
}

/** Of kinds of which a machine has one, the first source that says something counts. */
function firstOfEach(shown: readonly Shown[]): Shown[] {
  const single = new Set<EvidenceKind>([...IN_SYSTEM_VENDOR.map(([, kind]) => kind)]);
  const seen = new Set<EvidenceKind>();
  return shown.filter(({ kind, text }) => {
    if (typeof text !== 'string' || text.trim() === '') return false;
    if (single.has(kind) && seen.has(kind)) return false;
    seen.add(kind);
    return true;
  });
}

function fromExtraHardware(data: JsonValue | undefined): Shown[] {
  const rows = Array.isArray(data) ? data : [];
  return rows.flatMap((row): Shown[] => {
    if (!Array.isArray(row)) return [];
    const [section, item, key, text] = row;
    if (typeof section !== 'string' || typeof item !== 'string' || typeof key !== 'string') return [];
    const kind = IN_EXTRA_HARDWARE[`${section} ${item} ${key}`];
    return kind === undefined ? [] : [{ kind, text, source: 'extra-hardware' }];
  });
}

/** LLDP's chassis (1) and port (2) as IPA's collector gives them, `[[type, "hex"]]`: together a place in the rack. */
function slotOf(lldp: JsonValue | undefined): string | undefined {
  const tlvs = Array.isArray(lldp) ? lldp : [];
  const of = (type: number) => {
    const tlv = tlvs.find((one) => Array.isArray(one) && one[0] === type);
    return Array.isArray(tlv) && typeof tlv[1] === 'string' ? tlv[1] : undefined;
  };
  const [chassis, port] = [of(1), of(2)];
  return chassis !== undefined && port !== undefined ? `${chassis}/${port}` : undefined;
}

function profileOf(inventory: JsonObject, vendor: JsonObject): JsonObject {
  const cpu = object(inventory['cpu']);
  const memory = object(inventory['memory']);
  const sizes = list(inventory['disks']).flatMap((disk) => (typeof disk['size'] === 'number' ? [disk['size']] : []));
  const bootMode = object(inventory['boot'])['current_boot_mode'];
  const told: Record<string, JsonValue | undefined> = {
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
      if (typeof value === 'number') return value >= 0 && value <= Number.MAX_SAFE_INTEGER;
      return typeof value === 'string' && value !== '' && value.length <= 255;
    }),
  );
}
