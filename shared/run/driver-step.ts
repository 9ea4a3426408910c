import { argumentsOf, type DriverStep, driverStepOf } from '../drivers/driver-steps.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { Phase, StepKind } from './run.ts';

/**
 * A requested step as the node's own driver has it, with what it lacks; undefined where the driver has none. `byAgent`: the
 * agent offers it, which goes before a pretence.
 */
export function driverStep(
  node: Node,
  of: StepKind,
  step: JsonObject,
  { ramdisk, byAgent = false }: { ramdisk: boolean; byAgent?: boolean },
): Phase[] | undefined {
  const found = driverStepOf(node, step);
  if (!found?.of.includes(of) || (byAgent && found.by === 'pretence')) return undefined;
  const wrong = complaint(found, step);
  if (wrong === undefined) return [{ kind: 'driver-step', of, step: named(step), ramdisk }];
  return [
    { kind: 'refuse', reason: `${of} step ${step['interface']}.${step['step']} cannot be carried out: ${wrong}` },
  ];
}

/** Steps that end the run whatever the agent offers: said before the machine is booted for them. */
export function refusedSteps(node: Node, of: StepKind, requested: readonly JsonObject[]): Phase[] {
  return requested.flatMap((step) => {
    const phases = driverStep(node, of, step, { ramdisk: true, byAgent: true }) ?? [];
    return phases.filter(({ kind }) => kind === 'refuse');
  });
}

function complaint(found: DriverStep, step: JsonObject): string | undefined {
  return found.by === 'nobody' ? found.reason : found.complaint?.(argumentsOf(step));
}

const named = (step: JsonObject): JsonObject => ({
  interface: step['interface'] ?? null,
  step: step['step'] ?? null,
  args: argumentsOf(step),
});
