import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startEngine } from '../../infra/local/dynamodb-engine.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { DynamoCounters } from '../../shared/adapters/dynamodb/counters.ts';
import { createTables } from '../../shared/adapters/dynamodb/create-tables.ts';
import { DynamoIdentityIndex } from '../../shared/adapters/dynamodb/identity-index.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { DynamoPortStore } from '../../shared/adapters/dynamodb/port-store.ts';
import { DynamoResourceStore } from '../../shared/adapters/dynamodb/resource-store.ts';
import { DynamoSecretStore } from '../../shared/adapters/dynamodb/secret-store.ts';
import { DynamoSessionStore } from '../../shared/adapters/dynamodb/session-store.ts';
import type { KnownTables } from '../../shared/adapters/dynamodb/tables.ts';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryIdentityIndex } from '../../shared/adapters/memory/identity-index.ts';
import { MemoryNodeStore } from '../../shared/adapters/memory/node-store.ts';
import { MemoryPortStore } from '../../shared/adapters/memory/port-store.ts';
import { MemoryResourceStore } from '../../shared/adapters/memory/resource-store.ts';
import { MemorySecretStore } from '../../shared/adapters/memory/secret-store.ts';
import { MemorySessionStore } from '../../shared/adapters/memory/session-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import type { Stores } from './stores.ts';

/** Without a name for the secrets theirs is a table that does not exist. */
export function dynamoStores(client: DynamoDBClient, names: KnownTables): Stores {
  return {
    nodes: new DynamoNodeStore(client, names),
    ports: new DynamoPortStore(client, names),
    resources: new DynamoResourceStore(client, names),
    identity: new DynamoIdentityIndex(client, names),
    sessions: new DynamoSessionStore(client, names),
    counters: new DynamoCounters(client, names),
    secrets: new DynamoSecretStore(client, { secrets: 'untold', ...names }),
  };
}

export function memoryStores(tables: MemoryTables = new MemoryTables()): Stores {
  return {
    nodes: new MemoryNodeStore(tables),
    ports: new MemoryPortStore(tables),
    resources: new MemoryResourceStore(tables),
    identity: new MemoryIdentityIndex(tables),
    sessions: new MemorySessionStore(tables),
    counters: new MemoryCounters(tables),
    secrets: new MemorySecretStore(tables),
  };
}

/** Tables of its own in an engine that is started for it, or in one that is given. */
export async function openEngine(endpoint?: string) {
  const engine = await startEngine({ endpoint });
  const client = makeClient(engine.endpoint);
  const prefix = `nodeless-${randomUUID().slice(0, 8)}`;
  const names = { nodes: `${prefix}-nodes`, agents: `${prefix}-agents`, secrets: `${prefix}-secrets` };
  await createTables(client, names);
  const close = async () => {
    client.destroy();
    await engine.close();
  };
  return { client, names, endpoint: engine.endpoint, stores: dynamoStores(client, names), close };
}
