import { InvalidInput } from '../../errors.ts';
import type { Node } from '../../node/node.ts';
import type { ExchangeReply } from '../../run/run.ts';
import type { DriverRequest } from '../driver.ts';
import { argumentsOf, driverStepOf } from '../driver-steps.ts';
import { implementationOf } from '../implementation.ts';
import { setBootDevice } from './boot.ts';
import { BmcFault, type Dialogue } from './dialogue.ts';
import { firmwareOf, tellsFirmware } from './firmware.ts';
import { inspect } from './inspect.ts';
import { ejectRamdisk, insertBeside, insertMedium } from './media.ts';
import { powerState, setPower } from './power.ts';
import type { RedfishSettings } from './settings.ts';

export const VIRTUAL_MEDIA = 'redfish-virtual-media';
const HTTPS = 'redfish-https';
/** Boot interfaces whose ramdisk is an ISO. */
export const BOOTS_ISO: ReadonlySet<string> = new Set([VIRTUAL_MEDIA, HTTPS]);

/** What a run asks of a driver, as a piece of Redfish. */
export function* dialogueOf(
  node: Node,
  request: DriverRequest,
  { systemPath }: RedfishSettings,
): Dialogue<ExchangeReply> {
  switch (request.action) {
    case 'power-state':
      return yield* powerState(systemPath);
    case 'set-power':
      return yield* setPower(systemPath, request.target);
    case 'set-boot-device':
      return yield* setBoot(node, request, systemPath);
    case 'inspect':
      return {
        kind: 'inspected',
        inventory: yield* inspect(systemPath),
        ...(tellsFirmware(node) ? { firmware: yield* firmwareOf(node, systemPath) } : {}),
      };
    case 'run-step':
    case 'check-step':
      return yield* step(node, request, systemPath);
  }
}

function* step(
  node: Node,
  { action, step }: Extract<DriverRequest, { action: 'run-step' | 'check-step' }>,
  systemPath: string | null,
): Dialogue<ExchangeReply> {
  const found = driverStepOf(node, step);
  if (found?.by !== 'bmc')
    throw new BmcFault('unsupported', `it has no step ${step['interface']}.${step['step']}`, 400);
  const args = argumentsOf(step);
  return action === 'run-step' ? yield* found.run(args, systemPath) : yield* found.check(args, node, systemPath);
}

type SetBoot = Extract<DriverRequest, { action: 'set-boot-device' }>;

/** `pxe` of a run means the ramdisk, wherever that comes from. */
function* setBoot(node: Node, request: SetBoot, systemPath: string | null): Dialogue<ExchangeReply> {
  const boots = implementationOf(node, 'boot');
  if (boots === VIRTUAL_MEDIA) return yield* bootWithMedia(node, request, systemPath);
  const { device, persistent } = request;
  if (boots === HTTPS && device === 'pxe') {
    return yield* setBootDevice(systemPath, 'uefihttp', persistent, agentIso(node));
  }
  return yield* setBootDevice(systemPath, device, persistent);
}

/** The ramdisk comes from an ISO. The way to the disk takes it out again. */
function* bootWithMedia(
  node: Node,
  { device, persistent, beside }: SetBoot,
  systemPath: string | null,
): Dialogue<ExchangeReply> {
  if (device === 'pxe') {
    yield* insertMedium(systemPath, 'cdrom', agentIso(node));
    const placed = beside === undefined || (yield* insertBeside(systemPath, beside));
    const reply = yield* setBootDevice(systemPath, 'cdrom', persistent);
    return reply.kind === 'accepted' && !placed ? { ...reply, beside: 'no slot' } : reply;
  }
  const reply = yield* setBootDevice(systemPath, device, persistent);
  if (device === 'disk') yield* ejectRamdisk(systemPath, beside?.like);
  return reply;
}

/**
 * Kernel parameters are inside an ISO and cannot be changed from here. A second medium may stand above them
 * (`shared/boot/parameters-iso.ts`); `{node}` lets the site's web server answer with an ISO made for this node; without
 * either the ISO must have them. Lookup finds the node as always.
 */
export function agentIso({ driver_info: info, interfaces, uuid }: Node): string {
  const { deploy_iso: iso } = info;
  if (typeof iso !== 'string' || !URL.canParse(iso)) {
    throw new InvalidInput(
      `boot_interface ${interfaces.boot_interface} needs the URL of an agent ISO in driver_info/deploy_iso`,
    );
  }
  return iso.replaceAll('{node}', uuid);
}
