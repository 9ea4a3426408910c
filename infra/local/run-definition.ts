import { StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import deployed from '../workflows/run.asl.json' with { type: 'json' };

/**
 * As deployed, but for the time-out of Advance, which is ours: the library resolves TimeoutSecondsPath after
 * Parameters, and fails a Task without any time-out after 60 s. This is the longest that its timer can hold.
 */
const { TimeoutSecondsPath: _ours, ...advanceState } = deployed.States.Advance;
const definition = {
  ...deployed,
  States: { ...deployed.States, Advance: { ...advanceState, TimeoutSeconds: 2_147_483 } },
} as StateMachineDefinition;

/** Validates the definition, which takes a tenth of a second: once for all executions. */
export function deployedMachine(): StateMachine {
  return new StateMachine(definition);
}

/** The waits between retries, in milliseconds, for the library's overrides. */
export function scaledRetries(timeScale: number): Record<string, number[]> {
  const { Advance, Expire } = deployed.States;
  const scaled = (retriers: { IntervalSeconds: number }[]) => retriers.map((r) => r.IntervalSeconds * 1000 * timeScale);
  return { Advance: scaled(Advance.Retry), Expire: scaled(Expire.Retry) };
}
