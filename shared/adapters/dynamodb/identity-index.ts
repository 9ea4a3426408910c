import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type Hit, type IdentityIndex, type IdentityKey, isIndexed } from '../../node/node-store.ts';
import { documents, getMany } from './document.ts';
import { claimKey } from './keys.ts';
import { asked } from './refusals.ts';
import { TABLES, type TableNames } from './tables.ts';

const [BY_MAC, BY_SERIAL] = TABLES[0].indexes;
/** A value with more hits than this identifies nobody; reading them all would only cost. */
const MOST_HITS = 20;

const isClaimed = (key: IdentityKey): boolean => key.value !== '';

export class DynamoIdentityIndex implements IdentityIndex {
  readonly #db: DynamoDBDocumentClient;
  readonly #table: string;
  constructor(client: DynamoDBClient, names: Pick<TableNames, 'nodes'>) {
    this.#db = documents(client);
    this.#table = names.nodes;
  }

  async candidates(keys: readonly IdentityKey[]): Promise<Hit[]> {
    const asked = keys.filter(isClaimed);
    const indexed = asked.filter((key) => isIndexed(key.kind));
    const claimed = asked.filter((key) => !isIndexed(key.kind));
    const found = await Promise.all([...indexed.map((key) => this.#hits(key)), this.#claimed(claimed, false)]);
    return found.flat();
  }

  claims(keys: readonly IdentityKey[]): Promise<Hit[]> {
    return this.#claimed(keys, true);
  }

  /** Reads that may be a moment old cost half. */
  async #claimed(keys: readonly IdentityKey[], consistent: boolean): Promise<Hit[]> {
    const asked = new Map(keys.filter(isClaimed).map((key) => [claimKey(key).pk, key]));
    if (asked.size === 0) return [];
    const found = await getMany(this.#db, this.#table, [...asked.values()].map(claimKey), consistent);
    return found.flatMap((item): Hit[] => {
      const key = asked.get(String(item.pk));
      if (!key) return [];
      const hit = { key, node: String(item.owner) };
      return [item.shared ? { ...hit, shared: true } : hit];
    });
  }

  async #hits(key: IdentityKey): Promise<Hit[]> {
    const index = key.kind === 'mac' ? BY_MAC : BY_SERIAL;
    const query = new QueryCommand({
      TableName: this.#table,
      IndexName: index.name,
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': index.partitionKey },
      ExpressionAttributeValues: { ':value': key.value },
      Limit: MOST_HITS,
    });
    const { Items = [] } = await asked(this.#db.send(query));
    return Items.map((item) => ({ key, node: String(key.kind === 'mac' ? item.node_uuid : item.sk) }));
  }
}
