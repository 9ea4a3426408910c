import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface MeteredCall {
  /** `UpdateItem`, `TransactWriteItems` … */
  operation: string;
  /** Units of tables and indexes together. */
  reads: number;
  writes: number;
  /** The part of them that went to indexes. */
  index: number;
}
export interface Metered {
  calls: number;
  reads: number;
  writes: number;
  index: number;
}

const READS = /^(Get|BatchGet|TransactGet|Query|Scan)/;

/**
 * What every call of a client consumed, as the engine reports it. Engines report nothing for failed conditions and
 * cancelled transactions: who counts those adds them.
 */
export class CapacityMeter {
  calls: MeteredCall[] = [];

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const operation = String(context.commandName).replace(/Command$/, '');
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } });
        const consumed = (result.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] })
          .ConsumedCapacity;
        this.calls.push(metered(operation, consumed === undefined ? [] : [consumed].flat()));
        return result;
      },
      { step: 'initialize', name: 'meterCapacity' },
    );
  }

  reset(): void {
    this.calls = [];
  }

  total(): Metered {
    const sum = (unit: 'reads' | 'writes' | 'index') => this.calls.reduce((all, call) => all + call[unit], 0);
    return { calls: this.calls.length, reads: sum('reads'), writes: sum('writes'), index: sum('index') };
  }
}

function metered(operation: string, consumed: ConsumedCapacity[]): MeteredCall {
  const units = consumed.reduce((all, one) => all + (one.CapacityUnits ?? 0), 0);
  const indexes = consumed.flatMap((one) => Object.values(one.GlobalSecondaryIndexes ?? {}));
  const index = indexes.reduce((all, one) => all + (one.CapacityUnits ?? 0), 0);
  return READS.test(operation)
    ? { operation, reads: units, writes: 0, index }
    : { operation, reads: 0, writes: units, index };
}
