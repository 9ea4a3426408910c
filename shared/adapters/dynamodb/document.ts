import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { Unavailable } from '../../errors.ts';
import type { Item } from './items.ts';
import { itemKind, type Kind, resourceKey, SHARDS, shardKey } from './keys.ts';
import { asked } from './refusals.ts';
import { readable } from './shapes.ts';

/** Every item that is read comes through here, so that none of another shape gets further. */
export const shaped = (item: Item): Item => readable(itemKind(item), item);

/** Shares the middleware and the sockets of the client that was passed in. */
export const documents = (client: DynamoDBClient): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });

export async function getItem(db: DynamoDBDocumentClient, table: string, key: Item): Promise<Item | undefined> {
  const answer = await asked(db.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true })));
  return answer.Item && shaped(answer.Item);
}

export const getResource = (db: DynamoDBDocumentClient, table: string, kind: Kind, uuid: string) =>
  getItem(db, table, resourceKey(kind, uuid));

/** Every page of a query. */
export async function queryAll(db: DynamoDBDocumentClient, query: QueryCommandInput): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await asked(db.send(new QueryCommand({ ...query, ...(start && { ExclusiveStartKey: start }) })));
    items.push(...(page.Items ?? []).map(shaped));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

/** All resources of a kind: reads what was just written, unlike an index. */
export async function listResources(db: DynamoDBDocumentClient, table: string, kind: Kind): Promise<Item[]> {
  const shards = SHARDS.map((shard) =>
    queryAll(db, {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': shardKey(kind, shard) },
    }),
  );
  return (await Promise.all(shards)).flat();
}

/** By time of creation, then by uuid: the order of every list. */
export function inCreationOrder<T extends { created_at: string; uuid: string }>(resources: T[]): T[] {
  return resources.sort((a, b) =>
    a.created_at === b.created_at ? (a.uuid < b.uuid ? -1 : 1) : a.created_at < b.created_at ? -1 : 1,
  );
}

const ROUNDS = 4;
const LARGEST_BATCH_GET = 100;
const LARGEST_BATCH_WRITE = 25;

/** Strong reads of many keys. What DynamoDB leaves unprocessed is asked again, a few times. */
export async function getMany(
  db: DynamoDBDocumentClient,
  table: string,
  keys: readonly Item[],
  consistent = true,
): Promise<Item[]> {
  if (keys.length > LARGEST_BATCH_GET) {
    const first = getMany(db, table, keys.slice(0, LARGEST_BATCH_GET), consistent);
    return (await Promise.all([first, getMany(db, table, keys.slice(LARGEST_BATCH_GET), consistent)])).flat();
  }
  const found: Item[] = [];
  let pending: Item[] = [...keys];
  for (let round = 0; pending.length > 0; round += 1) {
    if (round === ROUNDS) throw new Unavailable('The store did not answer for every key');
    if (round > 0) await sleep(20 * 2 ** round);
    const request = { [table]: { Keys: pending, ConsistentRead: consistent } };
    const answer = await asked(db.send(new BatchGetCommand({ RequestItems: request })));
    found.push(...(answer.Responses?.[table] ?? []).map(shaped));
    pending = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}

export const manyResources = (db: DynamoDBDocumentClient, table: string, kind: Kind, uuids: readonly string[]) =>
  getMany(
    db,
    table,
    uuids.map((uuid) => resourceKey(kind, uuid)),
  );

/** Deletes what nobody reads any more. What fails stays: it is unreachable, or it expires. */
export async function sweepAway(db: DynamoDBDocumentClient, table: string, keys: readonly Item[]): Promise<void> {
  for (let at = 0; at < keys.length; at += LARGEST_BATCH_WRITE) {
    const requests = keys.slice(at, at + LARGEST_BATCH_WRITE).map((key) => ({ DeleteRequest: { Key: key } }));
    await asked(db.send(new BatchWriteCommand({ RequestItems: { [table]: requests } })));
  }
}

/** The same JSON, whatever the order of its keys. */
export const sameContent = (a: object, b: object): boolean => sorted(a) === sorted(b);

const sorted = (resource: object): string =>
  JSON.stringify(resource, (_, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
