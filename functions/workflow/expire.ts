import { advance } from '../../shared/run/advance.ts';
import type { WakeUp } from '../../shared/run/workflow-port.ts';
import type { WorkflowServices } from './advance.ts';

export interface ExpireInput {
  node: string;
  run: string;
  attempt: number;
  /** `States.Timeout`, or the error that ended `Advance`. */
  why: string;
}

/** Time is up, or `Advance` broke: the row's own deadline decides whether the run ends here or waits on. */
export function expireHandler(services: WorkflowServices) {
  return async (input: ExpireInput): Promise<WakeUp> => {
    const why = input.why === 'States.Timeout' ? 'no heartbeat came' : `interrupted by ${input.why}`;
    const answer = await advance({ ...input, event: { kind: 'time-is-up', why } }, undefined, services);
    return answer ?? { next: 'Advance', because: 'again' };
  };
}
