import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';
import { documents } from '../../shared/adapters/dynamodb/document.ts';
import { transact } from '../../shared/adapters/dynamodb/transact.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { ClaimTaken, Unavailable, VersionConflict } from '../../shared/errors.ts';
import { FaultyClient } from '../fakes/faulty-client.ts';
import { dynamoStores, memoryStores, openEngine } from './engines.ts';
import { hashOf } from './session-store.contract.ts';
import { aMac, aNode, anEvent, aPort } from './stores.ts';

const engine = await openEngine();
after(() => engine.close());

/** Stores whose client meets faults, beside those of the engine that see what is really there. */
function faulty() {
  const client = makeClient(engine.endpoint);
  return { ...dynamoStores(client, engine.names), faults: new FaultyClient(client) };
}
const issue = { tokenHash: hashOf('one'), intervalSeconds: 60, at: 1 };
const MANY = 200;

test('a store that throttles is Unavailable, for every kind of call', async () => {
  const { nodes, ports, identity, sessions, secrets, faults } = faulty();
  const node = await nodes.create(aNode(), []);
  for (const name of ['ThrottlingException', 'ProvisionedThroughputExceededException'] as const) {
    for (const operation of [
      'GetItem',
      'PutItem',
      'UpdateItem',
      'Query',
      'BatchGetItem',
      'TransactWriteItems',
      'Scan',
    ]) {
      faults.inject(operation, { kind: 'refuse', name }, MANY);
    }
    const beat = { node: node.uuid, tokenHash: hashOf('one'), bootFingerprint: 'a', at: 1 };
    const boot = { node: node.uuid, generation: 1, callbackUrl: 'http://10.0.0.1', startedAt: 1 };
    const key = { kind: 'mac', value: aMac() } as const;
    const calls = [
      () => nodes.get(node.uuid),
      () => nodes.byName('x'),
      () => nodes.byInstance('x'),
      () => nodes.list(),
      () => nodes.create(aNode(), []),
      () => nodes.replace(node),
      () => nodes.replace(node, [anEvent('x')]),
      () => nodes.remove(node),
      () => ports.create(aPort(node)),
      () => identity.candidates([key]),
      () => identity.claims([key]),
      () => sessions.get(node.uuid),
      () => sessions.beat(beat),
      () => sessions.firstBeat(beat, boot),
      () => sessions.issue(node.uuid, 0, issue),
      () => sessions.list(),
      () => sessions.page(),
      () => sessions.miss(node.uuid, { beats: 0, since: 1, lookedAt: 1, told: true }),
      () => secrets.get(node.uuid),
    ];
    await Promise.all(calls.map((call) => assert.rejects(call(), Unavailable)));
  }
  assert.deepEqual(await engine.stores.nodes.get(node.uuid), node);
});

test('a throttled call is repeated once by the SDK and not more', async () => {
  const { nodes, faults } = faulty();
  faults.inject('GetItem', { kind: 'refuse', name: 'ThrottlingException' }, MANY);
  await assert.rejects(nodes.get(aNode().uuid), Unavailable);
  assert.equal(faults.attempts.length, 2);
});

test('a transaction that meets another one is repeated a few times, then Unavailable', async () => {
  const { nodes, faults } = faulty();
  faults.inject('TransactWriteItems', { kind: 'cancel', code: 'TransactionConflict' }, 2);
  const node = await nodes.create(aNode(), []);
  assert.deepEqual(await engine.stores.nodes.get(node.uuid), node);
  faults.inject('TransactWriteItems', { kind: 'cancel', code: 'TransactionConflict' }, MANY);
  await assert.rejects(nodes.create(aNode(), []), Unavailable);
  assert.ok(faults.attempts.length < 12);
});

test('a transaction cancelled by a throttle is Unavailable at once', async () => {
  const { nodes, faults } = faulty();
  faults.inject('TransactWriteItems', { kind: 'cancel', code: 'ThrottlingError' }, MANY);
  await assert.rejects(nodes.create(aNode(), []), Unavailable);
  assert.equal(faults.attempts.length, 1);
});

test('a beat that meets a transaction is Unavailable, never refused', async () => {
  const { sessions, nodes, faults } = faulty();
  const { uuid } = await nodes.create(aNode(), []);
  faults.inject('UpdateItem', { kind: 'refuse', name: 'TransactionConflictException' }, MANY);
  const beat = { node: uuid, tokenHash: hashOf('one'), bootFingerprint: 'a', at: 1 };
  await assert.rejects(sessions.beat(beat), Unavailable);
});

for (const lost of [1, 2, 3, 4]) {
  test(`a create whose reply is lost ${lost} times has happened once, and says so`, async () => {
    const { nodes, faults } = faulty();
    const node = aNode({ name: `lost-${aMac()}`, properties: { serial_number: aMac() } });
    faults.inject('TransactWriteItems', { kind: 'lose-reply' }, lost);
    const stored = await nodes.create(node, [aPort(node), aPort(node)], [anEvent('enrolled')]);
    assert.deepEqual(await engine.stores.nodes.get(node.uuid), stored);
    assert.equal((await engine.stores.nodes.events(node.uuid)).length, 1);
  });

  test(`a write whose reply is lost ${lost} times has happened once, and says so`, async () => {
    const { nodes, faults } = faulty();
    const node = await nodes.create(aNode(), []);
    faults.inject('PutItem', { kind: 'lose-reply' }, lost);
    const stored = await nodes.replace({ ...node, description: 'written' });
    assert.deepEqual(await engine.stores.nodes.get(node.uuid), stored);
    assert.equal(stored.version, 2);
    faults.inject('TransactWriteItems', { kind: 'lose-reply' }, lost);
    const third = await nodes.replace({ ...stored, description: 'told' }, [anEvent('told')]);
    assert.deepEqual(await engine.stores.nodes.get(node.uuid), third);
    assert.equal((await engine.stores.nodes.events(node.uuid)).length, 1);
  });
}

test('a refusal whose reply is lost is still a refusal', async () => {
  const { nodes, faults } = faulty();
  const node = await nodes.create(aNode(), []);
  const other = await engine.stores.nodes.replace({ ...node, description: 'other' });
  faults.inject('PutItem', { kind: 'lose-reply' });
  await assert.rejects(nodes.replace({ ...node, description: 'ours' }), VersionConflict);
  assert.deepEqual(await engine.stores.nodes.get(node.uuid), other);
});

test('a write that nobody can confirm is Unavailable', async () => {
  const { nodes, faults } = faulty();
  const node = await nodes.create(aNode(), []);
  faults.inject('PutItem', { kind: 'lose-reply' }, MANY);
  faults.inject('GetItem', { kind: 'lose-reply' }, MANY);
  await assert.rejects(nodes.replace(node), Unavailable);
});

test('a removal whose reply is lost has happened', async () => {
  const { nodes, faults } = faulty();
  const node = aNode();
  const stored = await nodes.create(node, [aPort(node)]);
  faults.inject('TransactWriteItems', { kind: 'lose-reply' }, 4);
  await nodes.remove(stored);
  assert.equal(await engine.stores.nodes.get(node.uuid), undefined);
});

test('a port whose reply is lost is added and edited once', async () => {
  const { nodes, ports, faults } = faulty();
  const node = await nodes.create(aNode(), []);
  const port = aPort(node);
  faults.inject('TransactWriteItems', { kind: 'lose-reply' }, 4);
  await ports.create(port);
  assert.deepEqual((await engine.stores.nodes.get(node.uuid))?.macs, [port.address]);
  faults.inject('PutItem', { kind: 'lose-reply' });
  const edited = await ports.replace({ ...port, extra: { b: 1, a: 2 } });
  assert.deepEqual(await engine.stores.ports.get(port.uuid), edited);
});

test('a beat whose reply is lost is counted, and its repeat still finds the run that waits', async () => {
  const { nodes, sessions, faults } = faulty();
  const { uuid } = await nodes.create(aNode(), []);
  await sessions.issue(uuid, 0, issue);
  const beat = { node: uuid, tokenHash: hashOf('one'), bootFingerprint: 'a', at: 5 };
  await sessions.firstBeat(beat, { node: uuid, generation: 1, callbackUrl: 'http://10.0.0.1', startedAt: 5 });
  const beats = (await sessions.get(uuid))?.beats ?? Number.NaN;
  await sessions.arm(uuid, { taskToken: 'token', armedBy: 1, beats, generation: 1 });
  faults.inject('UpdateItem', { kind: 'lose-reply' });
  const outcome = await sessions.beat({ ...beat, at: 9 });
  assert.equal(outcome.accepted && outcome.before.taskToken, 'token');
});

test('memory: a MAC that moved from A to B is still at A for a stale index, and at B for the claims', async () => {
  const tables = new MemoryTables();
  const { nodes, ports, identity } = memoryStores(tables);
  const [a, b] = [aNode(), aNode()];
  const port = aPort(a);
  await nodes.create(a, [port]);
  await nodes.create(b, []);
  tables.faults.indexLag = true;
  await ports.replace({ ...port, node_uuid: b.uuid });
  const key = { kind: 'mac', value: port.address } as const;
  assert.deepEqual(await identity.candidates([key]), [{ key, node: a.uuid }]);
  assert.deepEqual((await nodes.get(a.uuid))?.macs, []);
  assert.deepEqual(await identity.claims([key]), [{ key, node: b.uuid }]);
  tables.faults.indexLag = false;
  assert.deepEqual(await identity.candidates([key]), [{ key, node: b.uuid }]);
});

test('memory: a failure changes nothing, and a lost reply changes everything', async () => {
  const tables = new MemoryTables();
  const { nodes } = memoryStores(tables);
  const node = aNode({ name: 'one' });
  tables.faults.fail('nodes.create');
  await assert.rejects(nodes.create(node, []), Unavailable);
  assert.equal(await nodes.get(node.uuid), undefined);
  tables.faults.loseReply('nodes.create');
  await assert.rejects(nodes.create(node, []), Unavailable);
  assert.equal((await nodes.get(node.uuid))?.name, 'one');
  await assert.rejects(nodes.create(node, []), ClaimTaken);
});

test('an item that the table cannot hold is our mistake, not a busy store', async () => {
  const Item = { pk: 'port#0', sk: 'no-string', address: null };
  const write = { item: { Put: { TableName: engine.names.nodes, Item } }, refused: () => 'leave-out' as const };
  await assert.rejects(
    transact(documents(engine.client), [write], async () => false),
    { name: 'ValidationException' },
  );
});
