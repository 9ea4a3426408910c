import { CreateTableCommand, type DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { TABLES, type TableDefinition, type TableNames } from './tables.ts';

const key = (partition: string, sort?: string) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
];

/** For an engine that is ours. On AWS the stack creates the tables, from the same data. */
export async function createTables(client: DynamoDBClient, names: TableNames): Promise<void> {
  for (const table of TABLES) await createTable(client, table, names[table.name]);
}

async function createTable(client: DynamoDBClient, table: TableDefinition, name: string): Promise<void> {
  const keys = [table.partitionKey, ...(table.sortKey ? [table.sortKey] : [])];
  const attributes = [...keys, ...table.indexes.map((index) => index.partitionKey)];
  const indexes = table.indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: key(index.partitionKey),
    Projection:
      index.include.length > 0
        ? { ProjectionType: 'INCLUDE' as const, NonKeyAttributes: [...index.include] }
        : { ProjectionType: 'KEYS_ONLY' as const },
  }));
  try {
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: key(table.partitionKey, table.sortKey),
        AttributeDefinitions: attributes.map((attribute) => ({ AttributeName: attribute, AttributeType: 'S' })),
        ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
        ...(table.stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }),
      }),
    );
  } catch (error) {
    // Kept from the last start.
    if (error instanceof Error && error.name === 'ResourceInUseException') return;
    throw error;
  }
  if (table.ttlAttribute === undefined) return;
  const TimeToLiveSpecification = { AttributeName: table.ttlAttribute, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
}
