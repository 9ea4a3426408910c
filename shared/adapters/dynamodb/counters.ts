import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Counters } from '../../enrollment/counters.ts';
import { refusedBy, storeError } from './refusals.ts';
import { num } from './session-item.ts';
import type { TableNames } from './tables.ts';

/** In the table without indexes and stream, which forgets by itself. One write unit each, and no transaction. */
export class DynamoCounters implements Counters {
  readonly #client: DynamoDBClient;
  readonly #table: string;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'agents'>) {
    this.#client = client;
    this.#table = names.agents;
  }

  async take(counter: string, most: number, expiresAt?: number): Promise<boolean> {
    if (most <= 0) return false;
    const expires = expiresAt === undefined ? '' : ', expires = if_not_exists(expires, :expires)';
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(counter),
      UpdateExpression: `SET n = if_not_exists(n, :zero) + :one${expires}`,
      ConditionExpression: 'attribute_not_exists(n) OR n < :most',
      ExpressionAttributeValues: {
        ':zero': num(0),
        ':one': num(1),
        ':most': num(most),
        ...(expiresAt !== undefined && { ':expires': num(Math.ceil(expiresAt / 1000)) }),
      },
    });
    try {
      await this.#client.send(command);
      return true;
    } catch (error) {
      if (refusedBy(error) !== undefined) return false;
      throw storeError(error);
    }
  }

  async giveBack(counter: string): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(counter),
      UpdateExpression: 'SET n = n - :one',
      ConditionExpression: 'n > :zero',
      ExpressionAttributeValues: { ':zero': num(0), ':one': num(1) },
    });
    await this.#client.send(command).catch((error: unknown) => {
      if (refusedBy(error) === undefined) throw storeError(error);
    });
  }

  async set(counter: string, value: number): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: this.#table,
      Key: keyOf(counter),
      UpdateExpression: 'SET n = :value',
      ConditionExpression: 'attribute_exists(n)',
      ExpressionAttributeValues: { ':value': num(value) },
    });
    await this.#client.send(command).catch((error: unknown) => {
      if (refusedBy(error) === undefined) throw storeError(error);
    });
  }
}

const keyOf = (counter: string) => ({ node: { S: `count#${counter}` }, part: { S: 'count' } });
