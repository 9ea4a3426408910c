import { deployCapability } from '../drivers/registry.ts';
import type { Node } from '../node/node.ts';
import type { PlannedStep } from './planned-step.ts';
import { bootInstance } from './power-ways.ts';
import type { Phase } from './run.ts';

/**
 * A deploy as Ironic runs it (contract §3.10): priorities place agent and template steps between. With `custom-agent` what is
 * installed, and its loader, is the business of the agent's steps: ours only boot the disk.
 */
export function coreDeploySteps(node: Node): PlannedStep[] {
  const image = deployCapability(node) === 'image';
  return [
    ...(image ? [own('write_image', 80)] : []),
    own('prepare_instance_boot', 60, [
      ...(image ? BOOTLOADER : []),
      { kind: 'boot-device', device: 'disk', persistent: true },
    ]),
    own('boot_instance', 20, [{ kind: 'collect-logs' }, ...bootInstance(node)]),
  ];
}

const BOOTLOADER: Phase[] = [
  { kind: 'command', name: 'standby.get_partition_uuids', params: {}, async: false, saveAs: 'partition_uuids' },
  { kind: 'install-bootloader' },
];

/** Without phases of its own it is a step of the agent. */
function own(step: string, priority: number, phases?: Phase[]): PlannedStep {
  return { interface: 'deploy', step, priority, args: {}, ...(phases ? { phases } : {}) };
}
