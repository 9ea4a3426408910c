import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * What AWS charges and an emulator does not report: half a read unit for an eventually consistent query that found
 * nothing (one for a consistent one), the reads of a batch for each key that is absent, a write unit for a failed condition.
 */
export class UnreportedCharges {
  reads = 0;
  writes = 0;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const command = String(context.commandName).replace(/Command$/, '');
        try {
          const result = await next(args);
          this.reads += unreportedReads(command, args.input as Input, result.output as Output);
          return result;
        } catch (error) {
          if (error instanceof Error && error.name === 'ConditionalCheckFailedException') this.writes += 1;
          throw error;
        }
      },
      { step: 'initialize', priority: 'high', name: 'addCharges' },
    );
  }

  reset(): void {
    this.reads = 0;
    this.writes = 0;
  }
}

interface Input {
  ConsistentRead?: boolean;
  RequestItems?: Record<string, { Keys?: unknown[] }>;
}
interface Output {
  ConsumedCapacity?: Capacity | Capacity[];
}
interface Capacity {
  CapacityUnits?: number;
}

function unreportedReads(command: string, input: Input, output: Output): number {
  const least = leastReads(command, input);
  const reported = [output.ConsumedCapacity ?? []].flat().reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
  return Math.max(0, least - reported);
}

function leastReads(command: string, input: Input): number {
  // Every batch of the product is a consistent one.
  if (command === 'BatchGetItem' || command === 'BatchGet') {
    return Object.values(input.RequestItems ?? {}).reduce((sum, { Keys = [] }) => sum + Keys.length, 0);
  }
  return /^(Query|Get|GetItem)$/.test(command) ? (input.ConsistentRead ? 1 : 0.5) : 0;
}
