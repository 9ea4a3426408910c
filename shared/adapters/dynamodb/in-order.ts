import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { From } from '../../resource/listing.ts';
import { shaped } from './document.ts';
import type { Item } from './items.ts';
import { type Kind, SHARDS, shardKey } from './keys.ts';
import { asked } from './refusals.ts';

/** One of the sixteen partitions of a kind: what was read of it and not yet handed out. */
interface Shard {
  pk: string;
  rows: Item[];
  start: Item | undefined;
  /** How many the next read asks for; undefined = as many as come. */
  limit: number | undefined;
  done: boolean;
}

/** More than a shard's fair part: few pages then need a second round. */
const HEADROOM = 1.5;
/** UUIDs that clients chose may all lie in one shard: it is then read in ever larger parts. */
const GROWTH = 4;

/** All rows of a kind, by UUID: the shards are read side by side, each no further than it must be, and merged. */
export async function* inOrder(
  db: DynamoDBDocumentClient,
  table: string,
  kind: Kind,
  { after, descending = false, expected, only }: From,
): AsyncGenerator<Item> {
  const limit = expected === undefined ? undefined : Math.ceil((expected / SHARDS.length) * HEADROOM) + 2;
  const fresh = { start: undefined, limit, done: false };
  const shards = SHARDS.map((shard): Shard => ({ ...fresh, pk: shardKey(kind, shard), rows: [] }));
  const projection = only && projectionOf([...new Set(['pk', 'sk', 'schema', ...only])]);
  const read = async (shard: Shard): Promise<void> => {
    const query = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      ScanIndexForward: !descending,
      KeyConditionExpression: after === undefined ? 'pk = :pk' : `pk = :pk AND sk ${descending ? '<' : '>'} :after`,
      ExpressionAttributeValues: { ':pk': shard.pk, ...(after !== undefined && { ':after': after }) },
      ...projection,
      ...(shard.limit !== undefined && { Limit: shard.limit }),
      ...(shard.start && { ExclusiveStartKey: shard.start }),
    });
    const page = await asked(db.send(query));
    // Last first, so that taking the next one is a pop.
    shard.rows = (page.Items ?? []).map(shaped).reverse();
    shard.start = page.LastEvaluatedKey;
    if (shard.limit !== undefined) shard.limit *= GROWTH;
    shard.done = shard.start === undefined;
  };
  for (;;) {
    const empty = shards.filter(({ rows, done }) => rows.length === 0 && !done);
    if (empty.length > 0) {
      await Promise.all(empty.map(read));
      continue;
    }
    const next = shards.reduce<Shard | undefined>((best, shard) => nearer(best, shard, descending), undefined);
    const row = next?.rows.pop();
    if (row === undefined) return;
    yield row;
  }
}

function nearer(best: Shard | undefined, shard: Shard, descending: boolean): Shard | undefined {
  const [uuid, other] = [shard.rows.at(-1)?.sk, best?.rows.at(-1)?.sk];
  if (typeof uuid !== 'string') return best;
  return typeof other !== 'string' || uuid < other !== descending ? shard : best;
}

/** Saves bytes on the way and time to read them; what DynamoDB charges is the same. */
function projectionOf(attributes: readonly string[]) {
  const names = Object.fromEntries(attributes.map((attribute, at) => [`#p${at}`, attribute]));
  return { ProjectionExpression: Object.keys(names).join(', '), ExpressionAttributeNames: names };
}
