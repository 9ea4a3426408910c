import { phaseName } from './outcome.ts';
import type { Run } from './run.ts';

/**
 * Where an abort has to wait: the name of a step that must not be broken off, because the agent said that it is not
 * abortable. A deploy is broken off anywhere: what it leaves is written again.
 */
export function stepToEndFirst(run: Run | null): string | undefined {
  const phase = run && !run.ended ? run.phases[run.cursor] : undefined;
  if (phase?.kind !== 'step' || phase.of === 'deploy' || phase.abortable !== false) return undefined;
  return run?.stage === 'start' ? undefined : phaseName(phase);
}
