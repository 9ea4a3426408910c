import type { Configuration } from '../configuration.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import { SECRET_RESCUE_PASSWORD } from './fill.ts';
import { reservedStep } from './reserved-steps.ts';
import type { FlowName, Phase, PowerTarget } from './run.ts';

/** What an operator sent with the verb. */
export interface RunArguments {
  deploySteps?: JsonObject[];
  cleanSteps?: JsonObject[];
  serviceSteps?: JsonObject[];
  /** Clean and service: without booting the ramdisk. */
  disableRamdisk?: boolean;
  rescuePassword?: string;
  /** `PUT …/states/power`. */
  power?: { target: PowerTarget; timeoutSeconds?: number };
  configdrive?: string | JsonObject;
}

type Settings = Pick<Configuration, 'automatedClean' | 'fastTrack'>;

/** Into the ramdisk, without a reboot when the machine is there already. */
const INTO_RAMDISK: Phase[] = [
  { kind: 'boot-device', device: 'pxe', persistent: false, unlessPresent: true },
  { kind: 'power', target: 'rebooting', why: 'boot the ramdisk', unlessPresent: true },
  { kind: 'await-agent' },
];
const OFF: Phase = { kind: 'power', target: 'power off', why: 'end of the work' };

function deployPhases(node: Node, args: RunArguments): Phase[] {
  if (node.interfaces['deploy_interface'] !== 'direct') {
    return [{ kind: 'power', target: 'power on', why: 'boot the instance' }];
  }
  return [...INTO_RAMDISK, { kind: 'plan', of: 'deploy', requested: args.deploySteps ?? [] }];
}

/** Requested steps of a node whose deploy interface drives no agent. */
function stepsWithoutAgent(of: string, requested: readonly JsonObject[]): Phase[] {
  return requested.flatMap((step) => {
    const known = reservedStep(step, false);
    const reason = `${of} step ${step['interface']}.${step['step']} not found: no agent runs steps here`;
    return known ?? [{ kind: 'refuse', reason }];
  });
}

function cleanPhases(node: Node, args: RunArguments, settings: Settings): Phase[] {
  const { cleanSteps: requested = [], disableRamdisk = false } = args;
  if (disableRamdisk || node.interfaces['deploy_interface'] !== 'direct') return stepsWithoutAgent('clean', requested);
  return [...INTO_RAMDISK, { kind: 'plan', of: 'clean', requested }, ...leaveRamdisk(node, settings)];
}

/** On the fast track a machine stays present for whatever comes next; without it nobody heats an idle one. */
function leaveRamdisk(node: Node, settings: Settings): Phase[] {
  return settings.fastTrack ? [] : [{ kind: 'leave', command: 'standby.power_off' }, ...(hasPower(node) ? [OFF] : [])];
}

const hasPower = (node: Node): boolean => node.interfaces['power_interface'] !== 'manual';

/** Cleaning between two owners: off unless the operator switched it on, for all nodes or for this one. */
function automatedClean(node: Node, settings: Settings): Phase[] {
  return (node.automated_clean ?? settings.automatedClean) ? cleanPhases(node, {}, settings) : [];
}

/** What a run of a flow has to do, before an agent told its steps. */
export function phasesOf(flow: FlowName, node: Node, args: RunArguments, settings: Settings): Phase[] {
  const agentDeploy = node.interfaces['deploy_interface'] === 'direct';
  switch (flow) {
    case 'verify':
      return [{ kind: 'power-state' }];
    case 'deploy':
    case 'rebuild':
      return deployPhases(node, args);
    case 'undeploy':
      return [...(agentDeploy ? [OFF] : []), { kind: 'lifecycle', event: 'clean' }, ...automatedClean(node, settings)];
    case 'provide':
      return automatedClean(node, settings);
    case 'clean':
      return cleanPhases(node, args, settings);
    case 'inspect':
      if (node.interfaces['inspect_interface'] === 'redfish') return [{ kind: 'inspect-bmc' }];
      return node.interfaces['inspect_interface'] === 'agent'
        ? [
            // Also where an agent is: that is rebooted, too.
            { kind: 'boot-device', device: 'pxe', persistent: false },
            { kind: 'power', target: 'rebooting', why: 'inspect' },
            { kind: 'await-inspection' },
            ...(!settings.fastTrack && hasPower(node) ? [OFF] : []),
          ]
        : [];
    case 'rescue':
      return node.interfaces['rescue_interface'] === 'agent'
        ? [
            ...INTO_RAMDISK,
            {
              kind: 'command',
              name: 'rescue.finalize_rescue',
              // The hash itself lies with the node's secrets, and is put in when the command leaves.
              params: { rescue_password: SECRET_RESCUE_PASSWORD, hashed: true },
              async: false,
              last: true,
            },
            { kind: 'gone' },
          ]
        : [];
    case 'unrescue':
      return agentDeploy ? [OFF, { kind: 'boot-device', device: 'disk', persistent: true }, ON_INSTANCE] : [];
    case 'service':
      return agentDeploy && !args.disableRamdisk
        ? [...INTO_RAMDISK, { kind: 'plan', of: 'service', requested: args.serviceSteps ?? [] }, ...bootInstance(node)]
        : stepsWithoutAgent('service', args.serviceSteps ?? []);
    case 'adopt':
      return [{ kind: 'power-state' }];
    case 'power':
      if (args.power) return [{ kind: 'power', why: 'an operator asked for it', ...args.power }];
      return agentDeploy ? [OFF, { kind: 'boot-device', device: 'disk', persistent: true }, ON_INSTANCE] : [];
  }
}

const ON_INSTANCE: Phase = { kind: 'power', target: 'power on', why: 'boot the instance' };

/** A reboot that a step asked for. Without a BMC the agent reboots the machine itself. */
export function rebootIntoRamdisk(node: Node, why: string): Phase[] {
  return hasPower(node)
    ? [
        { kind: 'boot-device', device: 'pxe', persistent: false },
        { kind: 'power', target: 'rebooting', why },
        { kind: 'await-agent' },
      ]
    : [{ kind: 'leave', command: 'standby.run_image' }, { kind: 'await-agent' }];
}

/** Out of the ramdisk into the installed system. Without a BMC the agent reboots the machine itself. */
export function bootInstance(node: Node): Phase[] {
  return !hasPower(node)
    ? [
        { kind: 'command', name: 'standby.sync', params: {}, async: false, optional: true },
        { kind: 'leave', command: 'standby.run_image' },
      ]
    : [{ kind: 'leave', command: 'standby.power_off' }, OFF, ON_INSTANCE];
}
