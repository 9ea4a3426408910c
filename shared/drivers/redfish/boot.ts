import type { JsonObject } from '../../json.ts';
import type { ExchangeReply } from '../../run/run.ts';
import { ask, BmcFault, type Call, type Dialogue, faultOf, get, linkOf, objectOf } from './dialogue.ts';
import { readSystem, type System } from './system.ts';

/** Ironic's name → `BootSourceOverrideTarget`. */
const TARGETS: Readonly<Record<string, string>> = {
  pxe: 'Pxe',
  disk: 'Hdd',
  cdrom: 'Cd',
  bios: 'BiosSetup',
  floppy: 'Floppy',
  uefihttp: 'UefiHttp',
};
const MODES: Readonly<Record<string, string>> = { uefi: 'UEFI', bios: 'Legacy' };
const nameOf = (table: Readonly<Record<string, string>>, value: unknown): string | null =>
  Object.entries(table).find(([, theirs]) => theirs === value)?.[0] ?? null;

export const REDFISH_BOOT_DEVICES: readonly string[] = Object.keys(TARGETS);

export interface BootDevice {
  boot_device: string | null;
  persistent: boolean | null;
}

/** Null where the override is off: then the firmware's own order counts, which nobody tells. */
export function* bootDevice(systemPath: string | null): Dialogue<BootDevice> {
  const boot = objectOf((yield* readSystem(systemPath)).body.Boot);
  const enabled = boot.BootSourceOverrideEnabled;
  const device = enabled === 'Disabled' ? null : nameOf(TARGETS, boot.BootSourceOverrideTarget);
  return { boot_device: device, persistent: device === null ? null : enabled === 'Continuous' };
}

/** `uri`: where UEFI's HTTP boot fetches from. A BMC that takes none would boot what DHCP says: somebody else's choice. */
export function* setBootDevice(
  systemPath: string | null,
  device: string,
  persistent: boolean,
  uri?: string,
): Dialogue<ExchangeReply> {
  const target = Object.hasOwn(TARGETS, device) ? TARGETS[device] : undefined;
  if (target === undefined) throw new BmcFault('unsupported', `Redfish has no boot device ${device}`, 400);
  const system = yield* readSystem(systemPath);
  const boot = objectOf(system.body.Boot);
  const allowed = boot['BootSourceOverrideTarget@Redfish.AllowableValues'];
  if (Array.isArray(allowed) && !allowed.includes(target)) {
    const known = allowed.flatMap((one) => nameOf(TARGETS, one) ?? []);
    throw new BmcFault('unsupported', `it cannot boot from ${device}; it can from ${known.join(', ')}`, 400);
  }
  if (uri !== undefined && boot.HttpBootUri === undefined) {
    throw new BmcFault('unsupported', 'it takes no address for UEFI HTTP boot (it has no HttpBootUri)', 400);
  }
  const enabled = persistent ? 'Continuous' : 'Once';
  yield* patchSystem(system, {
    Boot: {
      BootSourceOverrideTarget: target,
      BootSourceOverrideEnabled: enabled,
      ...(uri !== undefined && { HttpBootUri: uri }),
    },
  });
  return { kind: 'accepted' };
}

export function* bootMode(systemPath: string | null): Dialogue<string | null> {
  const boot = objectOf((yield* readSystem(systemPath)).body.Boot);
  return nameOf(MODES, boot.BootSourceOverrideMode);
}

export function* setBootMode(systemPath: string | null, mode: 'uefi' | 'bios'): Dialogue<ExchangeReply> {
  const system = yield* readSystem(systemPath);
  const boot = objectOf(system.body.Boot);
  if (boot.BootSourceOverrideMode === MODES[mode]) return { kind: 'accepted' };
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = boot;
  // Many BMCs take the mode together with the rest only.
  const rest: JsonObject = {
    ...(target === undefined ? {} : { BootSourceOverrideTarget: target }),
    ...(enabled === undefined ? {} : { BootSourceOverrideEnabled: enabled }),
  };
  yield* patchSystem(system, { Boot: { ...rest, BootSourceOverrideMode: MODES[mode] ?? 'UEFI' } });
  return { kind: 'accepted' };
}

export function* secureBoot(systemPath: string | null): Dialogue<boolean | null> {
  const path = linkOf((yield* readSystem(systemPath)).body.SecureBoot);
  if (path === null) return null;
  const { body } = yield* get(path);
  return typeof body.SecureBootEnable === 'boolean' ? body.SecureBootEnable : null;
}

export function* setSecureBoot(systemPath: string | null, on: boolean): Dialogue<ExchangeReply> {
  const path = linkOf((yield* readSystem(systemPath)).body.SecureBoot);
  if (path === null) throw new BmcFault('unsupported', 'it does not offer secure boot', 400);
  const { etag } = yield* get(path);
  yield* patch({ path, etag }, { SecureBootEnable: on });
  return { kind: 'accepted' };
}

function* patchSystem({ path, etag }: System, body: JsonObject): Dialogue<void> {
  yield* patch({ path, etag }, body);
}

/** With the version that was read where the BMC has versions; a few misjudge their own, and get it once without. */
export function* patch({ path, etag }: { path: string; etag: string | undefined }, body: JsonObject): Dialogue<void> {
  const call: Call = { method: 'PATCH', path, body };
  if (etag !== undefined) {
    const versioned: Call = { ...call, etag };
    const answer = yield versioned;
    if (answer.status >= 200 && answer.status < 300) return;
    if (answer.status !== 412 && answer.status !== 428) throw faultOf(versioned, answer);
  }
  yield* ask(call);
}
