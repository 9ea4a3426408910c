import {
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Counters } from '../../enrollment/counters.ts';
import { asked, refusedBy, storeError } from './refusals.ts';
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

  /** One attribute a holder beside their number: both change in one write, and nothing has to be read before. */
  async hold(counter: string, holder: string, most: number, at: number): Promise<boolean> {
    const ExpressionAttributeNames = { '#place': placeOf(holder) };
    const taken = await this.#placed(counter, {
      UpdateExpression: 'SET #place = :at, n = if_not_exists(n, :zero) + :one',
      ConditionExpression: 'attribute_not_exists(#place) AND (attribute_not_exists(n) OR n < :most)',
      ExpressionAttributeNames,
      ExpressionAttributeValues: { ':at': num(at), ':one': num(1), ':zero': num(0), ':most': num(most) },
    });
    if (taken) return true;
    return this.#placed(counter, {
      UpdateExpression: 'SET #place = :at',
      ConditionExpression: 'attribute_exists(#place)',
      ExpressionAttributeNames,
      ExpressionAttributeValues: { ':at': num(at) },
    });
  }

  async letGo(counter: string, holder: string, heldAt?: number): Promise<void> {
    await this.#placed(counter, {
      UpdateExpression: 'REMOVE #place SET n = n - :one',
      ConditionExpression: heldAt === undefined ? 'attribute_exists(#place)' : '#place = :heldAt',
      ExpressionAttributeNames: { '#place': placeOf(holder) },
      ExpressionAttributeValues: { ':one': num(1), ...(heldAt !== undefined && { ':heldAt': num(heldAt) }) },
    });
  }

  async holders(counter: string): Promise<{ holder: string; heldAt: number }[]> {
    const command = new GetItemCommand({ TableName: this.#table, Key: keyOf(counter), ConsistentRead: true });
    const { Item = {} } = await asked(this.#client.send(command));
    return Object.entries(Item)
      .filter(([name]) => name.startsWith(PLACE))
      .map(([name, value]) => ({ holder: name.slice(PLACE.length), heldAt: Number(value.N) }));
  }

  async #placed(counter: string, update: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<boolean> {
    try {
      await this.#client.send(new UpdateItemCommand({ TableName: this.#table, Key: keyOf(counter), ...update }));
      return true;
    } catch (error) {
      if (refusedBy(error) !== undefined) return false;
      throw storeError(error);
    }
  }
}

const PLACE = 'place#';
const placeOf = (holder: string) => `${PLACE}${holder}`;
const keyOf = (counter: string) => ({ node: { S: `count#${counter}` }, part: { S: 'count' } });
