import { randomUUID } from 'node:crypto';
import type { WakeUp } from '../../shared/run/workflow-port.ts';

/** The task tokens that wait for an answer. Each is answered at most once. */
export class TaskTokens {
  readonly #waiting = new Map<string, (output: WakeUp) => void>();

  /** What `$$.Task` shows: a new token every time it is read, as every try of a task has its own on AWS. */
  context(): { readonly Token: string } {
    return {
      get Token() {
        return randomUUID();
      },
    };
  }

  open(token: string, answer: (output: WakeUp) => void): void {
    this.#waiting.set(token, answer);
  }

  close(token: string): void {
    this.#waiting.delete(token);
  }

  answer(token: string, output: WakeUp): 'delivered' | 'gone' {
    const answer = this.#waiting.get(token);
    this.#waiting.delete(token);
    answer?.(output);
    return answer ? 'delivered' : 'gone';
  }
}
