import { advance } from '../../shared/run/advance.ts';
import type { RunEvent } from '../../shared/run/run.ts';
import type { Services } from '../services.ts';

/** Input of the state `Advance`: ids, why it runs, and the token that ends the task. */
export interface AdvanceInput {
  node: string;
  run: string;
  attempt: number;
  taskToken: string;
  because: string;
}

const EVENTS: Record<string, RunEvent> = { started: { kind: 'started' }, beat: { kind: 'beat' } };

export type WorkflowServices = Pick<
  Services,
  | 'nodes'
  | 'ports'
  | 'resources'
  | 'sessions'
  | 'secrets'
  | 'documents'
  | 'workflow'
  | 'counters'
  | 'reach'
  | 'bmcs'
  | 'clock'
  | 'configuration'
  | 'tokenKey'
  | 'log'
>;

/** Goes on until something has to be waited for. What need not wait is answered here, by its own token. */
export function advanceHandler(services: WorkflowServices) {
  return async (input: AdvanceInput): Promise<void> => {
    const event = EVENTS[input.because] ?? { kind: 'resumed' };
    const answer = await advance({ ...input, event }, input.taskToken, services);
    if (answer) await services.workflow.succeed(input.taskToken, answer);
  };
}
