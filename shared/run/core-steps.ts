import type { Node } from '../node/node.ts';
import type { PlannedStep } from './planned-step.ts';
import { bootInstance } from './power-ways.ts';
import type { Phase } from './run.ts';

/** The `direct` deploy as Ironic runs it (contract §3.10): priorities place agent and template steps between. */
export function coreDeploySteps(node: Node): PlannedStep[] {
  return [
    own('write_image', 80),
    own('prepare_instance_boot', 60, [
      { kind: 'command', name: 'standby.get_partition_uuids', params: {}, async: false, saveAs: 'partition_uuids' },
      { kind: 'install-bootloader' },
      { kind: 'boot-device', device: 'disk', persistent: true },
    ]),
    own('boot_instance', 20, [{ kind: 'collect-logs' }, ...bootInstance(node)]),
  ];
}

/** Without phases of its own it is a step of the agent. */
function own(step: string, priority: number, phases?: Phase[]): PlannedStep {
  return { interface: 'deploy', step, priority, args: {}, ...(phases ? { phases } : {}) };
}
