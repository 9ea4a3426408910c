import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import { coreDeploySteps } from './core-steps.ts';
import { driverStep } from './driver-step.ts';
import { byPriority, type PlannedStep } from './planned-step.ts';
import { reservedStep } from './reserved-steps.ts';
import type { AgentCommand, Phase, StepKind } from './run.ts';

/** Steps that the agent offers, keyed by manager class there, as one list. */
export function offeredSteps(of: StepKind, command: AgentCommand): PlannedStep[] {
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
          abortable: step['abortable'] === true,
        },
      ];
    });
}

const sameStep = (a: PlannedStep, b: { interface?: unknown; step?: unknown }): boolean =>
  a.interface === b.interface && a.step === b.step;

/** Ordered phases after the agent told its steps, or the reason why they cannot be run. */
export function planSteps(
  node: Node,
  of: StepKind,
  requested: readonly JsonObject[],
  offered: readonly PlannedStep[],
): { phases: Phase[] } | { refused: string } {
  const core = of === 'deploy' ? coreDeploySteps(node) : [];
  const known = [...core, ...offered];
  const asked: PlannedStep[] = [];
  for (const request of requested) {
    const match = known.find((one) => sameStep(one, request));
    const ours =
      reservedStep(request, true) ?? driverStep(node, of, request, { ramdisk: true, byAgent: match !== undefined });
    if (!ours && !match) return { refused: unknownStep(of, request, offered) };
    asked.push({
      ...match,
      interface: String(request['interface']),
      step: String(request['step']),
      priority: Number(request['priority'] ?? request['order'] ?? 0),
      args: (request['args'] ?? {}) as JsonObject,
      ...(ours ? { phases: ours } : {}),
    });
  }
  const byOrder = of !== 'deploy' && requested.length > 0;
  // Manual cleaning and service run in the order asked; everything else by priority, and priority 0 switches a step off.
  const automatic = [...core, ...(byOrder ? [] : offered)].filter(
    (one) => !asked.some((other) => sameStep(one, other)),
  );
  const list = byOrder ? asked : [...asked, ...automatic].filter((one) => one.priority > 0).sort(byPriority);
  return { phases: backInRamdisk(list.flatMap((step) => step.phases ?? [toPhase(of, step)])) };
}

function unknownStep(of: StepKind, request: JsonObject, offered: readonly PlannedStep[]): string {
  const names = offered.map((one) => `${one.interface}.${one.step}`).join(', ');
  return `${of} step ${request['interface']}.${request['step']} not found: the agent offers ${names || 'none'}`;
}

/** A power step takes the agent away: what needs it waits for it first. */
function backInRamdisk(phases: readonly Phase[]): Phase[] {
  let away = false;
  return phases.flatMap((phase): Phase[] => {
    if (phase.kind === 'power') away = true;
    const needsAgent = phase.kind === 'step' || phase.kind === 'command' || phase.kind === 'install-bootloader';
    const comesBack = phase.kind === 'await-agent' || (away && needsAgent);
    if (!comesBack) return [phase];
    away = false;
    return phase.kind === 'await-agent' ? [phase] : [{ kind: 'await-agent' }, phase];
  });
}

function toPhase(of: StepKind, step: PlannedStep): Phase {
  return {
    kind: 'step',
    of,
    // Only what the agent offers says so; ours can be broken off: what they leave is written again.
    ...(step.abortable === false ? { abortable: false } : {}),
    step: {
      interface: step.interface,
      step: step.step,
      args: step.args,
      ...(step.reboot_requested ? { reboot_requested: true } : {}),
    },
  };
}
