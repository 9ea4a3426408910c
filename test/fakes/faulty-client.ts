import { type DynamoDBClient, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';

export type Fault =
  | {
      kind: 'refuse';
      name: 'ThrottlingException' | 'ProvisionedThroughputExceededException' | 'TransactionConflictException';
    }
  /** A transaction cancelled because another one holds an item, or because a table throttles. */
  | { kind: 'cancel'; code: 'TransactionConflict' | 'ThrottlingError' }
  /** Sent and applied; the reply never arrives. */
  | { kind: 'lose-reply' };

export interface Injection {
  /** `PutItem`, `TransactWriteItems` … */
  operation: string;
  fault: Fault;
  /** How many attempts in a row meet it; the SDK's own repeats count. */
  times: number;
}

/** Sits below the SDK's retries, where a network would fail. */
export class FaultyClient {
  readonly attempts: string[] = [];
  #injections: Injection[] = [];

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const operation = String(context.commandName).replace(/Command$/, '');
        this.attempts.push(operation);
        const fault = this.#next(operation);
        if (fault && fault.kind !== 'lose-reply') throw refusal(fault);
        if (!fault) return next(args);
        // A refusal is lost like any other reply.
        await next(args).catch(() => undefined);
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
      },
      { step: 'deserialize', priority: 'high', name: 'injectFaults' },
    );
  }

  inject(operation: string, fault: Fault, times = 1): void {
    this.#injections.push({ operation, fault, times });
  }

  #next(operation: string): Fault | undefined {
    const injection = this.#injections.find((one) => one.operation === operation && one.times > 0);
    if (!injection) return undefined;
    injection.times -= 1;
    return injection.fault;
  }
}

function refusal(fault: Exclude<Fault, { kind: 'lose-reply' }>): Error {
  const name = fault.kind === 'refuse' ? fault.name : 'TransactionCanceledException';
  const error = new DynamoDBServiceException({
    name,
    message: `injected ${name}`,
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
  return fault.kind === 'cancel' ? Object.assign(error, { CancellationReasons: [{ Code: fault.code }] }) : error;
}
