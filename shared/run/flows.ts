import type { Configuration } from '../configuration.ts';
import { implementationOf } from '../drivers/implementation.ts';
import { deployCapability } from '../drivers/registry.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import { driverStep, refusedSteps } from './driver-step.ts';
import { SECRET_RESCUE_PASSWORD } from './fill.ts';
import { bootInstance, intoInstance, leaveInspection, leaveInstance, leaveRamdisk } from './power-ways.ts';
import { reservedStep } from './reserved-steps.ts';
import type { FlowName, Phase, PowerTarget, StepKind } from './run.ts';

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

function deployPhases(node: Node, args: RunArguments): Phase[] {
  if (!drivesAgent(node)) {
    return [{ kind: 'power', target: 'power on', why: 'boot the instance' }];
  }
  const { deploySteps: requested = [] } = args;
  return [...refusedSteps(node, 'deploy', requested), ...INTO_RAMDISK, { kind: 'plan', of: 'deploy', requested }];
}

const drivesAgent = (node: Node): boolean => deployCapability(node) !== 'none';

/** Requested steps where no agent is driven. */
function stepsWithoutAgent(node: Node, of: StepKind, requested: readonly JsonObject[]): Phase[] {
  return requested.flatMap((step) => {
    const known = reservedStep(step, false) ?? driverStep(node, of, step, { ramdisk: false });
    const reason = `${of} step ${step['interface']}.${step['step']} not found: no agent runs steps here`;
    return known ?? [{ kind: 'refuse', reason }];
  });
}

function cleanPhases(node: Node, args: RunArguments, settings: Settings): Phase[] {
  const { cleanSteps: requested = [], disableRamdisk = false } = args;
  if (disableRamdisk || !drivesAgent(node)) return stepsWithoutAgent(node, 'clean', requested);
  // On the fast track a machine stays present for whatever comes next; without it nobody heats an idle one.
  const afterwards = settings.fastTrack ? [] : leaveRamdisk(node);
  const plan: Phase = { kind: 'plan', of: 'clean', requested };
  return [...refusedSteps(node, 'clean', requested), ...INTO_RAMDISK, plan, ...afterwards];
}

/** Cleaning between two owners: off unless the operator switched it on, for all nodes or for this one. */
function automatedClean(node: Node, settings: Settings): Phase[] {
  return (node.automated_clean ?? settings.automatedClean) ? cleanPhases(node, {}, settings) : [];
}

/** What a run of a flow has to do, before an agent told its steps. */
export function phasesOf(flow: FlowName, node: Node, args: RunArguments, settings: Settings): Phase[] {
  const agentDeploy = drivesAgent(node);
  switch (flow) {
    case 'verify':
      return [{ kind: 'power-state' }];
    case 'deploy':
    case 'rebuild':
      return deployPhases(node, args);
    case 'undeploy': {
      const cleaning = automatedClean(node, settings);
      const leaving = agentDeploy ? leaveInstance(node, cleaning.length > 0) : [];
      return [...leaving, { kind: 'lifecycle', event: 'clean' }, ...cleaning];
    }
    case 'provide':
      return automatedClean(node, settings);
    case 'clean':
      return cleanPhases(node, args, settings);
    case 'inspect':
      if (implementationOf(node, 'inspect') === 'redfish') return [{ kind: 'inspect-bmc' }];
      return implementationOf(node, 'inspect') === 'agent'
        ? [
            // Also where an agent is: that is rebooted, too.
            { kind: 'boot-device', device: 'pxe', persistent: false },
            { kind: 'power', target: 'rebooting', why: 'inspect' },
            { kind: 'await-inspection' },
            ...(settings.fastTrack ? [] : leaveInspection(node)),
          ]
        : [];
    case 'rescue':
      return implementationOf(node, 'rescue') === 'agent'
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
      return agentDeploy ? intoInstance(node) : [];
    case 'service': {
      const { serviceSteps: requested = [] } = args;
      if (!agentDeploy || args.disableRamdisk) return stepsWithoutAgent(node, 'service', requested);
      const plan: Phase = { kind: 'plan', of: 'service', requested };
      return [...refusedSteps(node, 'service', requested), ...INTO_RAMDISK, plan, ...bootInstance(node)];
    }
    case 'adopt':
      return [{ kind: 'power-state' }];
    case 'power':
      if (args.power) return [{ kind: 'power', why: 'an operator asked for it', ...args.power }];
      return agentDeploy ? intoInstance(node) : [];
  }
}
