import { executionName, executionOf, type WakeUp, type Workflow } from '../../shared/run/workflow-port.ts';
import { Execution, type History, type WorkflowHandlers } from './execution.ts';
import { deployedMachine } from './run-definition.ts';
import { TaskTokens } from './task-tokens.ts';

/** Ended executions whose history and name are kept. */
const KEPT = 1000;

/** Step Functions on this machine: runs the deployed definition with handlers of this process. */
export class LocalWorkflow implements Workflow {
  readonly #timeScale: number;
  readonly #machine = deployedMachine();
  readonly #tokens = new TaskTokens();
  readonly #executions = new Map<string, Execution>();
  #handlers: WorkflowHandlers | undefined;
  #stopped = false;

  /** `timeScale` shortens pauses and the waits between retries; deadlines stay as they are. */
  constructor(options: { timeScale?: number } = {}) {
    this.#timeScale = options.timeScale ?? 1;
  }

  /** The handlers need the services, and those the workflow: so they come later. */
  bind(handlers: WorkflowHandlers): void {
    this.#handlers = handlers;
  }

  async start(input: Parameters<Workflow['start']>[0]): Promise<void> {
    const handlers = this.#handlers;
    if (!handlers) throw new Error('LocalWorkflow.bind() comes before start()');
    const { name, input: executionInput } = executionOf(input);
    if (this.#stopped || this.#executions.has(name)) return;
    this.#forgetOldest();
    const given = { machine: this.#machine, handlers, tokens: this.#tokens, timeScale: this.#timeScale };
    this.#executions.set(name, new Execution(executionInput, given));
  }

  async succeed(taskToken: string, output: WakeUp): Promise<'delivered' | 'gone'> {
    return this.#tokens.answer(taskToken, output);
  }

  async status(run: string, attempt: number): Promise<'running' | 'ended' | 'unknown'> {
    return this.history(executionName(run, attempt))?.status === 'RUNNING' ? 'running' : 'ended';
  }

  history(name: string): History | undefined {
    return this.#executions.get(name)?.history;
  }

  /** When nothing runs any more, also nothing that was started meanwhile. */
  async idle(): Promise<void> {
    for (let running = this.#running(); running.length > 0; running = this.#running()) {
      await Promise.all(running.map((execution) => execution.ended));
    }
  }

  /** Ends every execution without a word to its node: the sweeper resumes them at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const execution of this.#running()) execution.stop();
    await this.idle();
  }

  #running(): Execution[] {
    return [...this.#executions.values()].filter((execution) => execution.history.status === 'RUNNING');
  }

  #forgetOldest(): void {
    if (this.#executions.size < KEPT) return;
    for (const [name, execution] of this.#executions) {
      if (execution.history.status === 'RUNNING') continue;
      this.#executions.delete(name);
      return;
    }
  }
}
