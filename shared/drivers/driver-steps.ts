import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { ExchangeReply, StepKind } from '../run/run.ts';
import { settingsComplaint, settingsOf, textsOf } from './bios-settings.ts';
import { implementationOf } from './implementation.ts';
import { INTERFACE_KINDS } from './interface-kinds.ts';
import { applyBios, checkBios, resetBios } from './redfish/bios.ts';
import type { Dialogue } from './redfish/dialogue.ts';

/** A step that a node's own interface has, without any agent. */
export type DriverStep = {
  /** The verbs that have it. */
  of: readonly StepKind[];
  /** What is wrong with its arguments. */
  complaint?: (args: JsonObject) => string | undefined;
} & (
  | {
      by: 'bmc';
      run(args: JsonObject, systemPath: string | null): Dialogue<ExchangeReply>;
      /** Looks at it after the restart that it asked for. */
      check(args: JsonObject, node: Node, systemPath: string | null): Dialogue<ExchangeReply>;
    }
  /** Pretended: an agent that offers the same really does it, and goes first. */
  | { by: 'pretence'; run(args: JsonObject): ExchangeReply }
  /** Is known, and nobody does it: success would be a lie. */
  | { by: 'nobody'; reason: string }
);

export const NO_BMC_RAID =
  'RAID is not configured through the BMC here; use raid_interface agent, which does it from the ramdisk.';
export const NO_BMC_FIRMWARE =
  'Firmware versions are read through the BMC, nothing is updated through it here; use the tool of its vendor, or ' +
  'firmware_interface no-firmware and a ramdisk whose agent has the step firmware.update.';

const EVERY: readonly StepKind[] = ['deploy', 'clean', 'service'];
const pretended = (of: readonly StepKind[]): DriverStep => ({ of, by: 'pretence', run: () => ({ kind: 'stepped' }) });
const nobody = (reason: string): DriverStep => ({ of: EVERY, by: 'nobody', reason });
const remembered = (bios: Record<string, string | null>): ExchangeReply => ({
  kind: 'stepped',
  firmware: { bios, firmware: [] },
});

/** `<interface>/<implementation>/<step>`, as Ironic's implementations have them. */
const DRIVER_STEPS: ReadonlyMap<string, DriverStep> = new Map<string, DriverStep>([
  [
    'bios/fake/apply_configuration',
    {
      of: ['clean'],
      complaint: settingsComplaint,
      by: 'pretence',
      run: (args) => remembered(textsOf(settingsOf(args))),
    },
  ],
  ['bios/fake/factory_reset', { of: ['clean'], by: 'pretence', run: () => remembered({}) }],
  ['bios/fake/cache_bios_settings', pretended(['clean'])],
  ['firmware/fake/update', pretended(['clean'])],
  ['vendor/fake/log_passthrough', pretended(['clean', 'service'])],
  [
    'bios/redfish/apply_configuration',
    {
      of: EVERY,
      complaint: settingsComplaint,
      by: 'bmc',
      run: (args, systemPath) => applyBios(systemPath, settingsOf(args)),
      check: (args, node, systemPath) => checkBios(node, systemPath, settingsOf(args)),
    },
  ],
  [
    'bios/redfish/factory_reset',
    {
      of: EVERY,
      by: 'bmc',
      run: (_args, systemPath) => resetBios(systemPath),
      check: (_args, node, systemPath) => checkBios(node, systemPath, {}),
    },
  ],
  ['firmware/redfish/update', nobody(NO_BMC_FIRMWARE)],
  ['raid/redfish/create_configuration', nobody(NO_BMC_RAID)],
  ['raid/redfish/delete_configuration', nobody(NO_BMC_RAID)],
  ['raid/redfish/apply_configuration', nobody(NO_BMC_RAID)],
]);

/** The step of a node's driver that somebody asks for, if its driver has one of that name. */
export function driverStepOf(node: Pick<Node, 'interfaces'>, step: JsonObject): DriverStep | undefined {
  const kind = INTERFACE_KINDS.find((one) => one.kind === step['interface'])?.kind;
  return kind && DRIVER_STEPS.get(`${kind}/${implementationOf(node, kind)}/${step['step']}`);
}

export const argumentsOf = ({ args }: JsonObject): JsonObject =>
  args !== null && typeof args === 'object' && !Array.isArray(args) ? args : {};
