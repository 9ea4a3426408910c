import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { TABLES } from '../../shared/adapters/dynamodb/tables.ts';
import { CapacityMeter } from '../fakes/capacity-meter.ts';
import { openEngine } from './engines.ts';
import { hashOf } from './session-store.contract.ts';
import { aNode, anEvent, aPort } from './stores.ts';

// Not DynamoDB Local: what it reports for a transaction does not depend on what is in it (24 units for 1 MAC and for 8).
const engine = await openEngine();
after(() => engine.close());
const { nodes, sessions, identity } = engine.stores;
const meter = new CapacityMeter(engine.client);

async function metered(work: () => Promise<unknown>) {
  meter.reset();
  await work();
  return meter.total();
}

/** A node that beats, and the beat that it sends. */
async function beating() {
  const { uuid: node } = await nodes.create(aNode(), []);
  await sessions.issue(node, 0, { tokenHash: hashOf(node), intervalSeconds: 60, at: 1_790_000_000_000 });
  const beat = { node, tokenHash: hashOf(node), bootFingerprint: hashOf('boot'), at: 1_790_000_000_001 };
  const boot = {
    node,
    generation: 1,
    callbackUrl: 'https://10.0.0.1:9999',
    certificate: 'P'.repeat(1900),
    startedAt: 1,
  };
  await sessions.firstBeat(beat, boot);
  return beat;
}

/** As AWS counts: names and strings by their bytes, numbers by two digits a byte and one more. */
function sizeOf(item: Record<string, AttributeValue>): number {
  const value = (one: AttributeValue) =>
    one.S !== undefined ? Buffer.byteLength(one.S) : one.N !== undefined ? Math.ceil(one.N.length / 2) + 1 : 1;
  return Object.entries(item).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + value(one), 0);
}

async function rawSession(node: string): Promise<Record<string, AttributeValue>> {
  const { Items = [] } = await engine.client.send(
    new QueryCommand({
      TableName: engine.names.agents,
      KeyConditionExpression: '#node = :node AND part = :part',
      ExpressionAttributeNames: { '#node': 'node' },
      ExpressionAttributeValues: { ':node': { S: node }, ':part': { S: 'session' } },
    }),
  );
  return Items[0] ?? {};
}

test('a steady heartbeat is one call, one write unit, no read and nothing on an index', async () => {
  const beat = await beating();
  const used = await metered(() => sessions.beat({ ...beat, at: beat.at + 60_000 }));
  assert.deepEqual(used, { calls: 1, reads: 0, writes: 1, index: 0 });
});

test('a session is 256 bytes or less, whatever it has lived through', async () => {
  const beat = await beating();
  await sessions.beat(beat);
  const { beats = 0 } = (await sessions.get(beat.node)) ?? {};
  await sessions.arm(beat.node, { taskToken: 't', armedBy: 9_999_999, beats, generation: 1 });
  await sessions.disarm(beat.node, 9_999_999);
  const item = { ...(await rawSession(beat.node)), b: { N: '9999999' }, g: { N: '99999' } };
  assert.ok(sizeOf(item) <= 256, `${sizeOf(item)} bytes`);
});

for (const k of [0, 1, 2, 4, 8]) {
  test(`an enrolment with ${k} MACs is one call of at most 5 k + 9 write units, and an event 2 more`, async () => {
    const properties = (node: string) => ({
      serial_number: `sn-${node}`,
      system_uuid: node,
      cpus: 64,
      vendor: 'x'.repeat(300),
    });
    const enrol = async (events: number) => {
      const node = aNode();
      node.properties = properties(node.uuid);
      const ports = Array.from({ length: k }, () => aPort(node));
      return metered(() =>
        nodes.create(
          node,
          ports,
          Array.from({ length: events }, () => anEvent('enrolled')),
        ),
      );
    };
    const used = await enrol(0);
    assert.equal(used.calls, 1);
    assert.ok(used.writes <= 5 * k + 9, `${used.writes} write units`);
    assert.ok(used.reads === 0);
    assert.ok((await enrol(1)).writes <= 5 * k + 11);
  });
}

test('a write of a row whose claims did not change is one conditional put', async () => {
  const node = await nodes.create(aNode({ properties: { serial_number: 'sn-steady' } }), []);
  const used = await metered(() => nodes.replace({ ...node, provision_state: 'manageable' }));
  assert.deepEqual(used, { calls: 1, reads: 0, writes: 1, index: 0 });
});

test('looking for k MACs and a serial is k + 1 queries, and the claims of a stranger one batch', async () => {
  const node = aNode({ properties: { serial_number: 'sn-lookup' } });
  const ports = [aPort(node), aPort(node)];
  await nodes.create(node, ports);
  const keys = [
    ...ports.map((port) => ({ kind: 'mac', value: port.address }) as const),
    { kind: 'serial', value: 'sn-lookup' } as const,
  ];
  const hit = await metered(() => identity.candidates(keys));
  assert.equal(hit.calls, 3);
  assert.ok(hit.reads <= 0.5 * 3);
  const claims = await metered(() => identity.claims(keys));
  assert.equal(claims.calls, 1);
  assert.ok(claims.reads <= 3);
});

test('no index holds anything that a run or a heartbeat writes', async () => {
  const beat = await beating();
  const agents = TABLES.find((table) => table.name === 'agents');
  assert.deepEqual([agents?.indexes, agents?.stream], [[], false]);
  const projected = TABLES.flatMap((table) =>
    table.indexes.flatMap((index): string[] => [index.partitionKey, ...index.include]),
  );
  // What identifies a machine, and nothing else: adding to this list is a decision about every write of a run.
  assert.deepEqual(projected.sort(), ['address', 'node_uuid', 'serial']);
  assert.ok(!Object.keys(await rawSession(beat.node)).some((attribute) => projected.includes(attribute)));
  const node = aNode({ properties: { serial_number: 'sn-run' } });
  const ofRun: (keyof typeof node)[] = [
    'version',
    'run',
    'run_sequence',
    'provision_state',
    'power_state',
    'updated_at',
  ];
  assert.deepEqual(
    ofRun.filter((field) => projected.includes(field)),
    [],
  );
});
