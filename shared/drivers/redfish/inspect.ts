import type { JsonObject, JsonValue } from '../../json.ts';
import { BmcFault, type Dialogue, get, linkOf, linksOf, listOf, objectOf, textOf } from './dialogue.ts';
import { readSystem } from './system.ts';

/** Parts of one kind that are read: a run must end, and a BMC is slow. */
const MOST_PARTS = 32;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
/** `InstructionSet` of the processor → what agents and image tools call it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  'x86-64': 'x86_64',
  x86: 'i686',
  'ARM-A64': 'aarch64',
  'ARM-A32': 'armv7l',
  'IA-64': 'ia64',
};

/**
 * Out-of-band inspection: what the BMC knows, in the shape of an agent's inventory (contract §4.2). What it does not
 * know is left out; only the system itself must be readable.
 */
export function* inspect(systemPath: string | null): Dialogue<JsonObject> {
  const { body: system } = yield* readSystem(systemPath);
  const interfaces = yield* readInterfaces(system);
  const disks = yield* readDisks(system);
  const architecture = yield* readArchitecture(system);
  const processors = objectOf(system.ProcessorSummary);
  const memoryGib = Number(objectOf(system.MemorySummary).TotalSystemMemoryGiB);
  const mode = { UEFI: 'uefi', Legacy: 'bios' }[String(objectOf(system.Boot).BootSourceOverrideMode)];
  return withoutGaps({
    interfaces,
    disks,
    cpu: withoutGaps({
      count: whole(processors.LogicalProcessorCount ?? processors.Count),
      model_name: textOf(processors.Model),
      architecture,
    }),
    memory: withoutGaps({ physical_mb: memoryGib > 0 ? Math.round(memoryGib * 1024) : null }),
    system_vendor: withoutGaps({
      manufacturer: textOf(system.Manufacturer),
      product_name: textOf(system.Model),
      serial_number: textOf(system.SerialNumber),
      system_uuid: textOf(system.UUID),
      asset_tag: textOf(system.AssetTag),
    }),
    boot: withoutGaps({ current_boot_mode: mode ?? null }),
    bios_version: textOf(system.BiosVersion),
  });
}

function* readInterfaces(system: JsonObject): Dialogue<JsonObject[]> {
  const found: JsonObject[] = [];
  for (const body of yield* members(linkOf(system.EthernetInterfaces))) {
    const mac = textOf(body.MACAddress ?? body.PermanentMACAddress)
      ?.toLowerCase()
      .replaceAll('-', ':');
    if (mac === undefined || !MAC.test(mac) || mac === '00:00:00:00:00:00') continue;
    const link = textOf(body.LinkStatus);
    found.push(
      withoutGaps({
        name: textOf(body.Id),
        mac_address: mac,
        has_carrier: link === null ? null : link === 'LinkUp',
        speed_mbps: whole(body.SpeedMbps),
      }),
    );
  }
  return found;
}

function* readDisks(system: JsonObject): Dialogue<JsonObject[]> {
  const disks: JsonObject[] = [];
  for (const controller of yield* members(linkOf(system.Storage))) {
    for (const path of linksOf(controller.Drives).slice(0, MOST_PARTS)) {
      const drive = yield* optional(path);
      if (drive && Number(drive.CapacityBytes) > 0) {
        disks.push(diskOf(drive, { rotational: drive.MediaType === undefined ? null : drive.MediaType === 'HDD' }));
      }
    }
  }
  if (disks.length > 0) return disks;
  for (const controller of yield* members(linkOf(system.SimpleStorage))) {
    for (const device of listOf(controller.Devices).map(objectOf)) {
      if (Number(device.CapacityBytes) > 0) disks.push(diskOf(device, {}));
    }
  }
  return disks;
}

function diskOf(drive: JsonObject, more: JsonObject): JsonObject {
  return withoutGaps({
    name: textOf(drive.Name),
    size: Number(drive.CapacityBytes),
    model: textOf(drive.Model),
    serial: textOf(drive.SerialNumber),
    vendor: textOf(drive.Manufacturer),
    ...more,
  });
}

function* readArchitecture(system: JsonObject): Dialogue<string | null> {
  const collection = linkOf(system.Processors);
  const [first] = collection === null ? [] : linksOf((yield* optional(collection))?.Members);
  const set = first === undefined ? undefined : (yield* optional(first))?.InstructionSet;
  return ARCHITECTURES[String(set)] ?? null;
}

function* members(collection: string | null): Dialogue<JsonObject[]> {
  if (collection === null) return [];
  const bodies: JsonObject[] = [];
  for (const path of linksOf((yield* optional(collection))?.Members).slice(0, MOST_PARTS)) {
    const body = yield* optional(path);
    if (body) bodies.push(body);
  }
  return bodies;
}

/** A part that the BMC lists and then does not have, or has no code for, is left out. */
function* optional(path: string): Dialogue<JsonObject | undefined> {
  try {
    return (yield* get(path)).body;
  } catch (error) {
    if (error instanceof BmcFault && (error.status === 404 || error.status === 501)) return undefined;
    throw error;
  }
}

const whole = (value: JsonValue | undefined): number | null =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;

function withoutGaps(given: Record<string, JsonValue>): JsonObject {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}
