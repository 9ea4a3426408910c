import type { JsonObject, Node } from '../node/node.ts';
import { bootInstance } from './flows.ts';
import type { AgentCommand, Phase } from './run.ts';

type Of = 'deploy' | 'clean' | 'service';

interface PlannedStep {
  interface: string;
  step: string;
  priority: number;
  args: JsonObject;
  reboot_requested: boolean;
  /** Steps of ours: what they stand for. */
  phases?: Phase[];
}

/** Ties between equal priorities, as Ironic orders them (contract §3.6). */
const INTERFACE_RANK: Record<string, number> = {
  network: 8,
  vendor: 7,
  power: 6,
  management: 5,
  firmware: 4,
  deploy: 3,
  bios: 2,
  raid: 1,
};

/** The `direct` deploy as Ironic runs it (contract §3.10): priorities place agent and template steps between. */
function coreDeploySteps(node: Node): PlannedStep[] {
  const own = (step: string, priority: number, phases: Phase[]): PlannedStep => ({
    interface: 'deploy',
    step,
    priority,
    args: {},
    reboot_requested: false,
    phases,
  });
  const writeImage: Phase = {
    kind: 'step',
    of: 'deploy',
    step: { interface: 'deploy', step: 'write_image', args: {} },
  };
  return [
    own('write_image', 80, [writeImage]),
    own('prepare_instance_boot', 60, [
      { kind: 'command', name: 'standby.get_partition_uuids', params: {}, async: false, saveAs: 'partition_uuids' },
      { kind: 'install-bootloader' },
      { kind: 'boot-device', device: 'disk', persistent: true },
    ]),
    own('boot_instance', 20, bootInstance(node)),
  ];
}

/** Steps that the agent offers, keyed by manager class there, as one list. */
export function offeredSteps(of: Of, command: AgentCommand): PlannedStep[] {
  const byManager = command.command_result?.[`${of}_steps`];
  if (byManager === null || typeof byManager !== 'object' || Array.isArray(byManager)) return [];
  return Object.values(byManager)
    .flatMap((steps) => (Array.isArray(steps) ? steps : []))
    .flatMap((step) => {
      if (step === null || typeof step !== 'object' || Array.isArray(step)) return [];
      if (typeof step['interface'] !== 'string' || typeof step['step'] !== 'string') return [];
      return [
        {
          interface: step['interface'],
          step: step['step'],
          priority: Number(step['priority'] ?? 0),
          args: {},
          reboot_requested: step['reboot_requested'] === true,
        },
      ];
    });
}

const sameStep = (a: PlannedStep, b: JsonObject): boolean => a.interface === b['interface'] && a.step === b['step'];

/** Ordered phases after the agent told its steps, or the reason why they cannot be run. */
export function planSteps(
  node: Node,
  of: Of,
  requested: readonly JsonObject[],
  offered: readonly PlannedStep[],
): { phases: Phase[] } | { refused: string } {
  const core = of === 'deploy' ? coreDeploySteps(node) : [];
  const unknown = requested.find((r) => ![...offered, ...core].some((o) => sameStep(o, r)));
  if (unknown) {
    const known = offered.map((o) => `${o.interface}.${o.step}`).join(', ');
    return { refused: `the agent has no ${of} step ${unknown['interface']}.${unknown['step']}; it offers: ${known}` };
  }
  const asked = requested.map((r): PlannedStep => {
    const known = [...offered, ...core].find((o) => sameStep(o, r));
    return {
      interface: String(r['interface']),
      step: String(r['step']),
      priority: Number(r['priority'] ?? r['order'] ?? 0),
      args: (r['args'] ?? {}) as JsonObject,
      reboot_requested: known?.reboot_requested ?? false,
    };
  });
  const automatic = of === 'deploy' || requested.length === 0;
  const rest = [...core, ...(automatic ? offered.filter((o) => o.priority > 0) : [])].filter(
    (o) => !asked.some((a) => sameStep(a, { interface: o.interface, step: o.step })),
  );
  // Manual cleaning and service run in the order asked; everything else by priority.
  const list = of === 'deploy' || requested.length === 0 ? [...asked, ...rest].sort(byPriority) : asked;
  return { phases: list.flatMap((step) => step.phases ?? [toPhase(of, step)]) };
}

function byPriority(a: PlannedStep, b: PlannedStep): number {
  return b.priority - a.priority || (INTERFACE_RANK[b.interface] ?? 0) - (INTERFACE_RANK[a.interface] ?? 0);
}

function toPhase(of: Of, step: PlannedStep): Phase {
  return {
    kind: 'step',
    of,
    step: {
      interface: step.interface,
      step: step.step,
      args: step.args,
      ...(step.reboot_requested ? { reboot_requested: true } : {}),
    },
  };
}
