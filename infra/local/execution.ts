import type { StateMachine } from 'aws-local-stepfunctions';
import type { executionOf, WakeUp } from '../../shared/run/workflow-port.ts';
import { after } from './long-timer.ts';
import { scaledRetries } from './run-definition.ts';
import type { TaskTokens } from './task-tokens.ts';

/** What Step Functions calls, by the names of the Task states. */
export interface WorkflowHandlers {
  advance(input: { node: string; run: string; attempt: number; because: string; taskToken: string }): Promise<void>;
  expire(input: { node: string; run: string; attempt: number; why: string }): Promise<WakeUp>;
}
export interface History {
  states: string[];
  /** As Step Functions Standard bills them: every state entered, and every retry. */
  transitions: number;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  error?: string;
}
type AdvanceInput = Parameters<WorkflowHandlers['advance']>[0];
type ExpireInput = Parameters<WorkflowHandlers['expire']>[0];

/** An error of Step Functions itself; `isRetryable` keeps `States.TaskFailed` of the library from matching it. */
class StatesTimeout extends Error {
  readonly isRetryable = false;
  override get name(): string {
    return 'States.Timeout';
  }
}

/** One execution of the deployed definition. */
export class Execution {
  readonly history: History = { states: [], transitions: 0, status: 'RUNNING' };
  readonly ended: Promise<void>;
  readonly #handlers: WorkflowHandlers;
  readonly #tokens: TaskTokens;
  readonly #timeScale: number;
  readonly #timeoutMs: number;
  readonly #abort: () => void;
  #stopped = false;
  #pauseMs = 0;
  #release: (() => void) | undefined;

  constructor(
    input: ReturnType<typeof executionOf>['input'],
    given: { machine: StateMachine; handlers: WorkflowHandlers; tokens: TaskTokens; timeScale: number },
  ) {
    this.#handlers = given.handlers;
    this.#tokens = given.tokens;
    this.#timeScale = given.timeScale;
    this.#timeoutMs = input.timeoutSeconds * 1000;
    const { abort, result, eventLogs } = given.machine.run(input, this.#options());
    this.#abort = abort;
    const recorded = this.#record(eventLogs);
    this.ended = result.then(
      () => recorded,
      () => recorded,
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#abort();
    this.#release?.();
  }

  #options() {
    const pauseMs = () => this.#pauseMs;
    return {
      noThrowOnAbort: true,
      context: { Task: this.#tokens.context() },
      overrides: {
        taskResourceLocalHandlers: {
          Advance: (task: unknown) => this.#advance((task as { Payload: AdvanceInput }).Payload),
          Expire: (task: unknown) => this.#expire(task as ExpireInput),
        },
        // A getter, because the library takes one number an execution, and every Pause has its own.
        waitTimeOverrides: {
          get Pause() {
            return pauseMs();
          },
        },
        retryIntervalOverrides: this.#timeScale === 1 ? {} : scaledRetries(this.#timeScale),
      },
    };
  }

  async #advance(input: AdvanceInput): Promise<WakeUp> {
    const { promise, resolve, reject } = Promise.withResolvers<WakeUp>();
    this.#release = () => resolve({ next: 'Failed', result: 'stopped' });
    if (this.#stopped) this.#release();
    const cancelTimer = after(this.#timeoutMs, () => reject(new StatesTimeout('no answer came in time')));
    this.#tokens.open(input.taskToken, resolve);
    // As on AWS, the answer counts as soon as it is there, whether or not the handler has returned.
    if (!this.#stopped) this.#handlers.advance(input).catch(reject);
    try {
      return this.#remember(await promise);
    } finally {
      cancelTimer();
      this.#tokens.close(input.taskToken);
    }
  }

  async #expire(input: ExpireInput): Promise<WakeUp> {
    return this.#stopped ? { next: 'Failed', result: 'stopped' } : this.#remember(await this.#handlers.expire(input));
  }

  #remember(output: WakeUp): WakeUp {
    if (output.next === 'Pause') this.#pauseMs = output.seconds * 1000 * this.#timeScale;
    return output;
  }

  async #record(events: ReturnType<StateMachine['run']>['eventLogs']): Promise<void> {
    for await (const event of events) {
      if (event.type === 'StateEntered') this.history.states.push(event.state.name);
      if (event.type === 'StateEntered' || event.type === 'StateRetried') this.history.transitions += 1;
      if (event.type === 'ExecutionSucceeded') this.history.status = 'SUCCEEDED';
      if (event.type === 'ExecutionAborted') this.history.status = 'ABORTED';
      if (event.type === 'ExecutionFailed') Object.assign(this.history, { status: 'FAILED', error: event.Error });
    }
  }
}
