import type { Configuration } from '../configuration.ts';
import type { JsonObject, Node } from '../node/node.ts';
import type { FlowName, Phase } from './run.ts';
import type { RunArguments } from './runs.ts';

type Settings = Pick<Configuration, 'deadlines' | 'automatedClean'>;

/** Which deadline a flow waits by. */
const DEADLINE_OF: Record<FlowName, keyof Configuration['deadlines']> = {
  verify: 'deploy',
  deploy: 'deploy',
  rebuild: 'deploy',
  undeploy: 'clean',
  clean: 'clean',
  provide: 'clean',
  inspect: 'inspect',
  rescue: 'rescue',
  unrescue: 'rescue',
  service: 'service',
  adopt: 'deploy',
  power: 'deploy',
};

/** Seconds of silence after which a run of this flow fails. */
export function deadlineOf(flow: FlowName, settings: Pick<Configuration, 'deadlines'>): number {
  return settings.deadlines[DEADLINE_OF[flow]];
}

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

/** Steps that Ironic knows on every node, without an agent. */
const UNIVERSAL: Record<string, Phase[]> = {
  power_on: [{ kind: 'power', target: 'power on', why: 'a step asked for it' }],
  power_off: [{ kind: 'power', target: 'power off', why: 'a step asked for it' }],
  reboot: [{ kind: 'power', target: 'rebooting', why: 'a step asked for it' }],
  wait: [],
};

/** Requested steps of a node whose deploy interface drives no agent. */
function stepsWithoutAgent(of: string, requested: readonly JsonObject[]): Phase[] {
  return requested.flatMap((step) => {
    const known = step['interface'] === 'deploy' ? UNIVERSAL[String(step['step'])] : undefined;
    const reason = `${of} step ${step['interface']}.${step['step']} not found: this node has no agent to run it`;
    return known ?? [{ kind: 'refuse', reason }];
  });
}

function cleanPhases(node: Node, requested: JsonObject[] | undefined): Phase[] {
  if (node.interfaces['deploy_interface'] !== 'direct') return stepsWithoutAgent('clean', requested ?? []);
  return [...INTO_RAMDISK, { kind: 'plan', of: 'clean', requested: requested ?? [] }];
}

/** Cleaning between two owners: off unless the operator switched it on, for all nodes or for this one. */
function automatedClean(node: Node, settings: Settings): Phase[] {
  return (node.automated_clean ?? settings.automatedClean) ? cleanPhases(node, undefined) : [];
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
      return cleanPhases(node, args.cleanSteps);
    case 'inspect':
      return node.interfaces['inspect_interface'] === 'agent'
        ? [
            INTO_RAMDISK[0] as Phase,
            { kind: 'power', target: 'rebooting', why: 'inspect' },
            { kind: 'await-inspection' },
          ]
        : [];
    case 'rescue':
      return node.interfaces['rescue_interface'] === 'agent'
        ? [
            ...INTO_RAMDISK,
            {
              kind: 'command',
              name: 'rescue.finalize_rescue',
              params: { rescue_password: args.rescuePassword ?? '', hashed: false },
              async: false,
            },
          ]
        : [];
    case 'unrescue':
      return agentDeploy ? [OFF, { kind: 'boot-device', device: 'disk', persistent: true }, ON_INSTANCE] : [];
    case 'service':
      return agentDeploy
        ? [...INTO_RAMDISK, { kind: 'plan', of: 'service', requested: args.serviceSteps ?? [] }, ...bootInstance(node)]
        : stepsWithoutAgent('service', args.serviceSteps ?? []);
    case 'adopt':
    case 'power':
      return [];
  }
}

const ON_INSTANCE: Phase = { kind: 'power', target: 'power on', why: 'boot the instance' };

/** Out of the ramdisk into the installed system. Without a BMC the agent reboots the machine itself. */
export function bootInstance(node: Node): Phase[] {
  return node.interfaces['power_interface'] === 'manual'
    ? [
        { kind: 'command', name: 'standby.sync', params: {}, async: false, optional: true },
        { kind: 'leave', command: 'standby.run_image' },
      ]
    : [{ kind: 'leave', command: 'standby.power_off' }, OFF, ON_INSTANCE];
}
