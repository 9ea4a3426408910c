/** What carries a run from one wake-up to the next: Step Functions Standard, or the local interpreter of the same ASL. */
export interface Workflow {
  /** Starts the execution `<run>-<attempt>`; starting the same one twice is harmless. */
  start(input: { node: string; run: string; attempt: number; timeoutSeconds: number }): Promise<void>;
  /**
   * Answers a waiting task. `gone` = it timed out, ended or was answered before: already done.
   * Throws `Unavailable` on a throttle.
   */
  succeed(taskToken: string, output: WakeUp): Promise<'delivered' | 'gone'>;
  /** Whether an execution of that run and attempt still runs. `unknown` when it could not be asked. */
  status(run: string, attempt: number): Promise<'running' | 'ended' | 'unknown'>;
}

/**
 * Output of `Advance`, from Advance itself or from the heartbeat that woke it. Ids and names only.
 * What leads back to Advance must carry `because`: JSONPath has no default for a missing field.
 */
export type WakeUp =
  | { next: 'Advance'; because: 'beat' | 'again' }
  | { next: 'Pause'; because: 'pause'; seconds: number }
  | { next: 'Done'; result: string }
  | { next: 'Failed'; result: string };

/** Name and input of the execution of a run's attempt, the same wherever it is executed. */
export function executionOf(start: { node: string; run: string; attempt: number; timeoutSeconds: number }) {
  return { name: executionName(start.run, start.attempt), input: { ...start, result: { because: 'started' } } };
}

export function executionName(run: string, attempt: number): string {
  return `${run}-${attempt}`;
}
