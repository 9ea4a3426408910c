import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FolderDocuments } from '../../infra/local/folder-documents.ts';
import { DynamoNodeStore } from '../../shared/adapters/dynamodb/node-store.ts';
import { MemoryDocuments } from '../../shared/adapters/memory/documents.ts';
import { MemoryNodeStore } from '../../shared/adapters/memory/node-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { ClaimTaken, InvalidInput } from '../../shared/errors.ts';
import { countersContract } from './counters.contract.ts';
import { documentStoreContract } from './document-store.contract.ts';
import { memoryStores, openEngine } from './engines.ts';
import { identityIndexContract } from './identity-index.contract.ts';
import { inboxWritesContract } from './inbox-writes.contract.ts';
import { nodeStoreContract } from './node-store.contract.ts';
import { portStoreContract } from './port-store.contract.ts';
import { resourceStoreContract } from './resource-store.contract.ts';
import { secretStoreContract } from './secret-store.contract.ts';
import { sessionStoreContract } from './session-store.contract.ts';
import { aNode, anEvent, aPort, type OpenStores } from './stores.ts';

const folder = await mkdtemp(join(tmpdir(), 'nodeless-documents-'));
after(() => rm(folder, { recursive: true, force: true }));

function everyContract(adapter: string, open: OpenStores): void {
  nodeStoreContract(adapter, open);
  portStoreContract(adapter, open);
  resourceStoreContract(adapter, open);
  identityIndexContract(adapter, open);
  sessionStoreContract(adapter, open);
  secretStoreContract(adapter, open);
  inboxWritesContract(adapter, open);
  countersContract(adapter, open);
}

const inMemory = memoryStores();
everyContract('memory', async () => inMemory);

const engine = await openEngine();
after(() => engine.close());
everyContract('embedded engine', async () => engine.stores);

const second = process.env.NODELESS_DYNAMODB_LOCAL;
if (second) {
  const local = await openEngine(second);
  after(() => local.close());
  everyContract('DynamoDB Local', async () => local.stores);
}

documentStoreContract('memory', async () => new MemoryDocuments());
documentStoreContract('folder', async () => new FolderDocuments(folder));

test('a node and the decision beside it are of one moment, however long the clock is looked at', async () => {
  let time = Date.parse('2026-01-01T00:00:00Z');
  const clock = { now: () => (time += 7) };
  const tables = new MemoryTables();
  const dynamo = new DynamoNodeStore(engine.client, engine.names, clock);
  const pairs = [
    [new MemoryNodeStore(tables, clock), memoryStores(tables).resources],
    [dynamo, engine.stores.resources],
  ] as const;
  for (const [nodes, resources] of pairs) {
    const node = aNode();
    const { uuid, created_at } = aNode();
    const policy = { uuid, created_at, updated_at: null, version: 1, schema: 1 as const };
    const row = await resources.create('policy', policy, []);
    const beside = { change: 'replace', kind: 'policy', item: row, events: [anEvent('decided')] } as const;
    await nodes.create(node, [], [anEvent('enrolled')], [beside]);
    const [enrolled] = await nodes.events(node.uuid);
    const [decided] = await nodes.events(row.uuid);
    assert.equal(enrolled?.created_at, decided?.created_at);
    assert.ok(decided);
  }
});

test('an enrolment that breaks off is undone whole by who is not told where the secrets are', async () => {
  const { nodes, agents } = engine.names;
  const store = new DynamoNodeStore(engine.client, { nodes, agents });
  const owner = aNode();
  const taken = aPort(owner);
  await store.create(owner, [taken]);
  const node = aNode();
  const others = Array.from({ length: 44 }, () => aPort(node));
  await assert.rejects(store.create(node, [...others, { ...aPort(node), address: taken.address }]), ClaimTaken);
  assert.equal(await store.get(node.uuid), undefined);
  const claims = others.map(({ address }) => ({ kind: 'mac' as const, value: address }));
  assert.deepEqual(await engine.stores.identity.claims(claims), []);
});

test('folder: a key never leaves the folder', async () => {
  const documents = new FolderDocuments(folder);
  for (const key of ['../x', 'a/../../x', '/etc/x', '', 'a//b', 'a\\..\\b']) {
    await assert.rejects(documents.get(key), InvalidInput);
    await assert.rejects(documents.put(key, new Uint8Array(), 'text/plain'), InvalidInput);
  }
});
