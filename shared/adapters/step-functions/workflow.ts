import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { Unavailable } from '../../errors.ts';
import { executionName, executionOf, type Workflow } from '../../run/workflow-port.ts';

/** The task has ended, one way or another: the beat came late or twice. */
const GONE = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

export class StepFunctionsWorkflow implements Workflow {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  async start(start: Parameters<Workflow['start']>[0]): Promise<void> {
    const { name, input } = executionOf(start);
    try {
      await this.#client.send(
        new StartExecutionCommand({ stateMachineArn: this.#stateMachineArn, name, input: JSON.stringify(input) }),
      );
    } catch (error) {
      if (nameOf(error) !== 'ExecutionAlreadyExists') throw unavailable('start', error);
    }
  }

  async succeed(taskToken: string, output: Parameters<Workflow['succeed']>[1]): Promise<'delivered' | 'gone'> {
    try {
      await this.#client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
      return 'delivered';
    } catch (error) {
      if (GONE.has(nameOf(error))) return 'gone';
      throw unavailable('continue', error);
    }
  }

  async status(run: string, attempt: number): Promise<'running' | 'ended' | 'unknown'> {
    const executionArn = `${this.#stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(run, attempt)}`;
    try {
      const { status } = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? 'running' : 'ended';
    } catch (error) {
      return nameOf(error) === 'ExecutionDoesNotExist' ? 'ended' : 'unknown';
    }
  }
}

function unavailable(what: string, cause: unknown): Unavailable {
  return new Unavailable(`The workflow could not be asked to ${what} the run`, 5, { cause });
}
