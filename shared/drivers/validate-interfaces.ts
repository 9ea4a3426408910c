import { InvalidInput } from '../errors.ts';
import type { Node } from '../node/node.ts';
import { POWER } from './capabilities.ts';
import { NO_BMC_FIRMWARE, NO_BMC_RAID } from './driver-steps.ts';
import { hookOf } from './hook/hook-driver.ts';
import { type ImageSettings, imageComplaint } from './image-complaint.ts';
import { implementationOf } from './implementation.ts';
import { INTERFACE_KINDS, type InterfaceKind } from './interface-kinds.ts';
import { NO_IPMI } from './ipmi.ts';
import { agentIso, BOOTS_ISO } from './redfish/request-dialogue.ts';
import { redfishSettings } from './redfish/settings.ts';
import { deployCapability } from './registry.ts';

export interface Verdict {
  result: boolean | null;
  reason?: string;
}

/** `GET /v1/nodes/{node}/validate`: one verdict per interface but vendor. Reads row and configuration only. */
export function validateInterfaces(node: Node, settings: ImageSettings): Record<string, Verdict> {
  const verdicts: Record<string, Verdict> = {};
  for (const { kind } of INTERFACE_KINDS) {
    if (kind === 'vendor') continue;
    const reason = complaint(node, kind, implementationOf(node, kind), settings);
    verdicts[kind] = reason === undefined ? { result: true, ...remark(node, kind) } : { result: false, reason };
  }
  return verdicts;
}

function complaint(
  node: Node,
  kind: InterfaceKind,
  implementation: string,
  settings: ImageSettings,
): string | undefined {
  if (implementation === `no-${kind}`) {
    return `Driver ${node.driver} does not support ${kind} (disabled or not implemented).`;
  }
  if (kind === 'raid' && implementation === 'redfish') return NO_BMC_RAID;
  if (implementation === 'ipmitool') return NO_IPMI;
  if (implementation === 'redfish') return refusalOf(() => redfishSettings(node.driver_info));
  if (implementation === 'hook') return refusalOf(() => hookOf(node));
  if (BOOTS_ISO.has(implementation)) {
    return refusalOf(() => redfishSettings(node.driver_info)) ?? refusalOf(() => agentIso(node));
  }
  if (kind === 'power' && !POWER.has(implementation)) return `There is no power interface ${implementation}.`;
  if (kind === 'deploy' && deployCapability(node) === 'image')
    return imageComplaint(node.uuid, node.instance_info, settings);
  return undefined;
}

/** What a person should know of an interface that is good for the rest. */
function remark(node: Node, kind: InterfaceKind): { reason?: string } {
  return kind === 'firmware' && implementationOf(node, kind) === 'redfish' ? { reason: NO_BMC_FIRMWARE } : {};
}

/** Why something does not check, in the words that its own check has. */
function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInput) return error.message;
    throw error;
  }
}
