import type { WakeUp, Workflow } from '../../shared/run/workflow-port.ts';

interface Execution {
  node: string;
  run: string;
  attempt: number;
  because: string;
  token: string | undefined;
  answer: WakeUp | undefined;
  ended: WakeUp | undefined;
}

type Advance = (input: {
  node: string;
  run: string;
  attempt: number;
  because: string;
  taskToken: string;
}) => Promise<void>;

/** Step Functions in one process without time: a crash of Advance is retried with a new token, as the ASL says. */
export class SimulatedWorkflow implements Workflow {
  readonly executions: Execution[] = [];
  readonly givenTokens: string[] = [];
  retries = 0;
  /** A `Pause` of so many seconds is entered: time passes, or does not. */
  onPause: (seconds: number) => void = () => undefined;
  #tokens = 0;

  async start(input: { node: string; run: string; attempt: number }): Promise<void> {
    if (this.executions.some((e) => e.run === input.run && e.attempt === input.attempt)) return;
    this.executions.push({ ...input, because: 'started', token: undefined, answer: undefined, ended: undefined });
  }

  async succeed(taskToken: string, output: WakeUp): Promise<'delivered' | 'gone'> {
    const execution = this.executions.find((e) => e.token === taskToken && !e.answer && !e.ended);
    if (!execution) return 'gone';
    execution.answer = output;
    return 'delivered';
  }

  async status(run: string, attempt: number): Promise<'running' | 'ended'> {
    return this.executions.some((e) => e.run === run && e.attempt === attempt && !e.ended) ? 'running' : 'ended';
  }

  /** The execution is gone without a word, as when somebody stops it in the console. */
  kill(): void {
    for (const execution of this.executions) execution.ended ??= { next: 'Failed', result: 'stopped by hand' };
  }

  /** Runs everything until it ends or waits for a beat. */
  async pump(advance: Advance): Promise<void> {
    for (let turn = 0; turn < 500; turn += 1) {
      const execution = this.executions.find((e) => !e.ended && (e.token === undefined || e.answer));
      if (!execution) return;
      if (execution.answer) {
        const { answer } = execution;
        execution.answer = undefined;
        if (answer.next === 'Done' || answer.next === 'Failed') {
          execution.ended = answer;
          continue;
        }
        if (answer.next === 'Pause') this.onPause(answer.seconds);
        execution.because = answer.because;
      }
      this.#tokens += 1;
      execution.token = `token-${this.#tokens}`;
      this.givenTokens.push(execution.token);
      const { node, run, attempt, because, token } = execution;
      try {
        await advance({ node, run, attempt, because, taskToken: token });
      } catch {
        this.retries += 1;
        execution.token = undefined;
        if (this.retries > 50) throw new Error('Advance crashes for ever');
      }
    }
    throw new Error('the workflow does not come to rest');
  }
}
