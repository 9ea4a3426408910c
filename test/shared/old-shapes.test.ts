import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { ITEM_KINDS, type ItemKind, readable, shapeOf, type Upgrades } from '../../shared/adapters/dynamodb/shapes.ts';
import { Unavailable } from '../../shared/errors.ts';
import { openEngine } from '../contract/engines.ts';
import * as v1 from './shapes-v1.ts';

const FIXTURES = { ...v1.NODES_TABLE, ...v1.SECRETS_TABLE, ...v1.AGENTS_TABLE } satisfies Record<ItemKind, object>;
const BEAT = { node: v1.NODE, tokenHash: v1.TOKEN_HASH, bootFingerprint: v1.BOOT_FINGERPRINT, at: 5 };
let engine: Awaited<ReturnType<typeof openEngine>>;
let db: DynamoDBDocumentClient;
before(async () => {
  engine = await openEngine();
  db = DynamoDBDocumentClient.from(engine.client);
});
after(() => engine.close());

const tableOf = (kind: ItemKind): string =>
  kind in v1.NODES_TABLE ? engine.names.nodes : kind in v1.AGENTS_TABLE ? engine.names.agents : engine.names.secrets;
const put = (kind: ItemKind, more: object = {}) =>
  db.send(new PutCommand({ TableName: tableOf(kind), Item: { ...FIXTURES[kind], ...more } }));
const putAll = () => Promise.all(ITEM_KINDS.map((kind) => put(kind)));

/** How each kind is read by the product. */
const READERS: Record<ItemKind, () => Promise<unknown>> = {
  node: () => engine.stores.nodes.get(v1.NODE),
  port: () => engine.stores.ports.get(v1.PORT),
  resource: () => engine.stores.resources.get('chassis', v1.CHASSIS),
  claim: () => engine.stores.nodes.byName('rack1-u7'),
  event: () => engine.stores.nodes.events(v1.NODE),
  secret: () => engine.stores.secrets.get(v1.NODE),
  session: () => engine.stores.sessions.get(v1.NODE),
  boot: () => engine.stores.sessions.boot(v1.NODE, 3),
};

describe('items of the release before there was a version', () => {
  it('are all read as they were meant', async () => {
    await putAll();
    const node = await engine.stores.nodes.byName('rack1-u7');
    assert.deepEqual(
      [node?.uuid, node?.version, node?.macs, node?.maintenance],
      [v1.NODE, 4, ['52:54:00:00:00:07'], false],
    );
    assert.equal((await engine.stores.ports.get(v1.PORT))?.node_uuid, v1.NODE);
    const chassis = await engine.stores.resources.get<{ description: string } & never>('chassis', v1.CHASSIS);
    assert.ok(JSON.stringify(chassis).includes('rack 1'));
    assert.deepEqual(
      (await engine.stores.nodes.events(v1.NODE)).map(({ event, uuid }) => [event, uuid]),
      [['manageable → available', '4be26c0b-03f2-4d2e-ae87-c02d7f33c126']],
    );
    assert.deepEqual(await engine.stores.secrets.get(v1.NODE), { ipmi_password: 'planted' });
    assert.equal((await engine.stores.sessions.boot(v1.NODE, 3))?.callbackUrl, 'https://10.0.0.5:9999');
    assert.equal((await engine.stores.sessions.beat(BEAT)).accepted, true);
  });

  it('are written again with a version', async () => {
    await putAll();
    const node = await engine.stores.nodes.get(v1.NODE);
    assert.ok(node);
    await engine.stores.nodes.replace({ ...node, description: 'seen' });
    const { Item } = await db.send(
      new GetCommand({ TableName: engine.names.nodes, Key: { pk: 'node#1', sk: v1.NODE } }),
    );
    assert.equal(Item?.['schema'], shapeOf('node'));
  });
});

describe('an item of a newer release', () => {
  for (const kind of ITEM_KINDS) {
    it(`is refused with advice when it is a ${kind}`, async () => {
      await putAll();
      await put(kind, kind in v1.AGENTS_TABLE ? { v: shapeOf(kind) + 1 } : { schema: shapeOf(kind) + 1 });
      await assert.rejects(READERS[kind], (error: unknown) => {
        assert.ok(error instanceof Unavailable, String(error));
        assert.match(error.message, /newer release .* Deploy the newer release/);
        return true;
      });
    });
  }

  it('is not changed by a heartbeat, nor by a port that is added', async () => {
    await putAll();
    await put('session', { v: 2, b: 12 });
    await assert.rejects(engine.stores.sessions.beat(BEAT), Unavailable);
    await put('node', { schema: 2 });
    const port = await engine.stores.ports.get(v1.PORT);
    assert.ok(port);
    await assert.rejects(engine.stores.ports.remove(port), Unavailable);
    const keys = [
      [engine.names.agents, { node: v1.NODE, part: 'session' }, 'b', 12],
      [engine.names.nodes, { pk: 'node#1', sk: v1.NODE }, 'version', 4],
    ] as const;
    for (const [TableName, Key, attribute, expected] of keys) {
      const { Item } = await db.send(new GetCommand({ TableName, Key }));
      assert.equal(Item?.[attribute], expected);
    }
  });
});

describe('an older item', () => {
  it('goes through every step from its shape to ours', () => {
    const upgrades: Upgrades = {
      ...(Object.fromEntries(ITEM_KINDS.map((kind) => [kind, []])) as unknown as Upgrades),
      node: [(item) => ({ ...item, second: true }), (item) => ({ ...item, third: item['second'] })],
    };
    assert.deepEqual(readable('node', { sk: 'n' }, upgrades), { sk: 'n', second: true, third: true });
    assert.deepEqual(readable('node', { sk: 'n', schema: 2 }, upgrades), { sk: 'n', schema: 2, third: undefined });
    assert.throws(() => readable('node', { schema: 4 }, upgrades), Unavailable);
    assert.throws(() => readable('node', { schema: 'x' }, upgrades), Unavailable);
  });
});
