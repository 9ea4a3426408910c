import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { passthru } from '../../functions/agent/passthru.ts';
import type { ApiRequest } from '../../functions/http.ts';
import { drivers } from '../../functions/operator/drivers.ts';
import { vendor } from '../../functions/operator/vendor.ts';
import type { Handler, Services } from '../../functions/services.ts';
import { MemoryCounters } from '../../shared/adapters/memory/counters.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { tokenHash } from '../../shared/agent/agent-token.ts';
import type { Session } from '../../shared/agent/session-store.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { InvalidInput, NotAcceptable, NotFound } from '../../shared/errors.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';
import { VENDOR_TABLE } from '../../shared/vendor/vendor-table.ts';

const UUID = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';
const OTHER = '7f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e22';
const CALL = '0b7b2f0a-5a35-4f5c-9c57-0c1f5b1f4a11';
const TOKEN = 'a-token-of-forty-three-characters-0123456789';

let nodes: Map<string, Node>;
let sessions: Map<string, Session>;
let reads: number;
let services: Services;
let handlers: Record<string, Handler>;

/** The few stores that these handlers use, over maps. */
function madeServices(): Services {
  const documents = new Map<string, Uint8Array>();
  const given = {
    nodes: {
      get: async (uuid: string) => nodes.get(uuid),
      byName: async (name: string) => [...nodes.values()].find((node) => node.name === name),
      replace: async (node: Node) => {
        nodes.set(node.uuid, { ...node, version: node.version + 1 });
        return node;
      },
    },
    sessions: {
      get: async (uuid: string) => {
        reads++;
        return sessions.get(uuid);
      },
    },
    documents: {
      put: async (key: string, bytes: Uint8Array) => void documents.set(key, bytes),
      get: async (key: string) => documents.get(key),
    },
    clock: { now: () => 1_000_000 },
    ids: { uuid: () => CALL },
    configuration: DEFAULTS,
    counters: new MemoryCounters(new MemoryTables()),
  };
  return given as unknown as Services;
}

function node(uuid: string, driver: string, differs: Partial<Node> = {}): Node {
  const interfaces = defaultInterfaces(driver);
  return newNode({ uuid, driver, created_at: '2026-11-23T00:00:00.000000+00:00', interfaces, ...differs });
}

function session(uuid: string, differs: Partial<Session> = {}): Session {
  return { node: uuid, generation: 1, beats: 1, lastBeatAt: 1, issuedAt: 1, intervalSeconds: 300, ...differs };
}

beforeEach(() => {
  nodes = new Map([
    [UUID, node(UUID, 'fake-hardware', { name: 'rack1~u07', driver_info: { password: 'swordfish' } })],
    [OTHER, node(OTHER, 'manual')],
  ]);
  sessions = new Map([
    [UUID, session(UUID, { tokenHash: tokenHash(TOKEN) })],
    [OTHER, session(OTHER)],
  ]);
  reads = 0;
  services = madeServices();
  handlers = { ...drivers(), ...vendor(services), ...passthru(services) };
});

function ask(handler: string, differs: Partial<ApiRequest> = {}) {
  const found = handlers[handler];
  assert.ok(found, handler);
  return found({
    method: 'GET',
    path: '/',
    params: {},
    query: {},
    headers: {},
    body: undefined,
    publicUrl: 'https://api.example/prod',
    sourceIp: '10.0.0.9',
    requestId: 'req',
    minor: 115,
    versioned: true,
    user: null,
    ...differs,
  });
}

const list = async (differs: Partial<ApiRequest> = {}) =>
  ((await ask('operator/drivers#list', differs)).body as { drivers: Record<string, unknown>[] }).drivers;
const show = async (driver: string, minor = 115) =>
  (await ask('operator/drivers#show', { params: { driver }, minor })).body as Record<string, unknown>;

describe('the list of drivers', () => {
  test('grows with the version: links, properties at 1.14, type at 1.30, interfaces only when asked for', async () => {
    const keys = async (minor: number, query = {}) => Object.keys((await list({ minor, query }))[0] ?? {});
    assert.deepEqual(await keys(1), ['name', 'hosts', 'links']);
    assert.deepEqual(await keys(14), ['name', 'hosts', 'links', 'properties']);
    assert.deepEqual(await keys(30), ['name', 'hosts', 'links', 'properties', 'type']);
    assert.ok((await keys(30, { detail: 'True' })).includes('default_boot_interface'));
  });

  test('links through the public address', async () => {
    const [first] = await list();
    assert.deepEqual(first?.links, [
      { rel: 'self', href: 'https://api.example/prod/v1/drivers/fake-hardware' },
      { rel: 'bookmark', href: 'https://api.example/prod/drivers/fake-hardware' },
    ]);
  });

  test('has no classic drivers', async () => {
    assert.deepEqual(await list({ query: { type: 'classic' } }), []);
    assert.ok((await list({ query: { type: 'dynamic' } })).length > 0);
  });

  test('shows the fields asked for', async () => {
    const [first] = await list({ query: { fields: 'name, hosts' } });
    assert.deepEqual(Object.keys(first ?? {}).sort(), ['hosts', 'links', 'name']);
  });

  test('refuses queries that are newer than the version', async () => {
    await assert.rejects(list({ minor: 29, query: { detail: 'true' } }), NotAcceptable);
    await assert.rejects(list({ minor: 29, query: { type: 'dynamic' } }), NotAcceptable);
    await assert.rejects(list({ minor: 76, query: { fields: 'name' } }), NotAcceptable);
  });

  test('refuses queries that mean nothing', async () => {
    const queries: Record<string, string>[] = [
      { type: 'modern' },
      { detail: 'perhaps' },
      { fields: 'nope' },
      { colour: 'red' },
      { fields: 'name', detail: 'true' },
    ];
    for (const query of queries) await assert.rejects(list({ query }), InvalidInput, JSON.stringify(query));
  });
});

describe('one driver', () => {
  test('shows an interface from the version that brought it, and not before', async () => {
    for (const [kind, since] of Object.entries({ boot: 30, storage: 33, rescue: 38, bios: 40, firmware: 86 })) {
      assert.ok(`default_${kind}_interface` in (await show('fake-hardware', since)), kind);
      assert.ok(!(`enabled_${kind}_interfaces` in (await show('fake-hardware', since - 1))), kind);
    }
  });

  test('is not found when there is none of that name', async () => {
    await assert.rejects(show('nope'), NotFound);
    await assert.rejects(ask('operator/drivers#properties', { params: { driver: 'nope' } }), NotFound);
  });

  test('tells its RAID properties from 1.12 on, if it has RAID', async () => {
    const raid = (driver: string, minor: number) => ask('operator/drivers#raid', { params: { driver }, minor });
    assert.ok('raid_level' in ((await raid('fake-hardware', 12)).body as object));
    await assert.rejects(raid('fake-hardware', 11), NotAcceptable);
    await assert.rejects(raid('manual', 12), NotFound);
  });
});

describe('vendor passthru for operators', () => {
  const call = (method: string, differs: Partial<ApiRequest> = {}) =>
    ask('operator/vendor#node-call', { method: 'POST', params: { node: UUID, method }, ...differs });

  test('takes the method from the path or from the query, the node by uuid or by name', async () => {
    const body = { bar: 'meow' };
    const forms: Partial<ApiRequest>[] = [
      { params: { node: UUID, method: 'third_method_sync' } },
      { params: { node: 'rack1~u07' }, query: { method: 'third_method_sync' } },
      { params: { node: UUID.toUpperCase() }, query: { method: 'third_method_sync' } },
    ];
    for (const form of forms) assert.deepEqual(await call('', { ...form, body }), { status: 200, body: true });
  });

  test('does not find an unknown node or driver', async () => {
    const params = { node: 'nobody', method: 'third_method_sync' };
    await assert.rejects(
      call('', { params }),
      (error: Error) => error instanceof NotFound && error.message === 'Node nobody could not be found.',
    );
    await assert.rejects(ask('operator/vendor#driver-methods', { params: { driver: 'nope' } }), NotFound);
  });

  test('accepts an async call without a body and tells afterwards how it ended', async () => {
    const accepted = await call('second_method', { body: { bar: 'kazoo' } });
    assert.deepEqual(accepted, { status: 202, headers: { 'X-Nodeless-Call': CALL } });
    const outcome = (await call('result', { method: 'GET', query: { call: CALL } })).body as Record<string, unknown>;
    assert.deepEqual([outcome.state, outcome.result], ['done', true]);
  });

  test('tells no outcome under another node, nor of a call that never was', async () => {
    await call('second_method', { body: { bar: 'kazoo' } });
    const result = (of: string, id: string) =>
      call('', { method: 'GET', params: { node: of, method: 'result' }, query: { call: id } });
    await assert.rejects(result(OTHER, CALL), NotFound);
    await assert.rejects(result(UUID, OTHER), NotFound);
    await assert.rejects(result(UUID, '../nodes'), NotFound);
  });

  test('has nothing for a node without a vendor interface', async () => {
    const methods = await ask('operator/vendor#node-methods', { params: { node: OTHER } });
    assert.deepEqual(methods, { status: 200, body: {} });
    await assert.rejects(call('', { params: { node: OTHER, method: 'second_method' } }), InvalidInput);
  });

  test('does not serve a row that is for agents', async () => {
    await assert.rejects(call('report_firmware', { body: { components: [] } }), InvalidInput);
    await assert.rejects(call('node_public_fields'), InvalidInput);
  });

  test('serves nodeless methods of a driver, and keeps the two subjects apart', async () => {
    const nodeless = (driver: string, method: string) =>
      ask('operator/vendor#driver-call', { params: { driver }, query: { method } });
    const answer = await nodeless('fake-hardware', 'capabilities');
    assert.equal((answer.body as Record<string, unknown>).power, 'immediate');
    await assert.rejects(nodeless('manual', 'capabilities'), InvalidInput);
    await assert.rejects(nodeless('fake-hardware', 'third_method_sync'), InvalidInput);
    await assert.rejects(call('capabilities', { method: 'GET' }), InvalidInput);
  });
});

describe('vendor passthru for agents', () => {
  const call = (method: string, body: unknown, params: Record<string, string> = { driver: 'fake-hardware' }) =>
    ask('agent/passthru#call', { method: 'POST', params: { ...params, method }, body });
  const proof = { node_uuid: UUID, agent_token: TOKEN };
  const refused = (error: Error) => error instanceof NotFound && error.message === 'Not found.';

  test('reads the public fields of the own node, and no secret', async () => {
    for (const given of [call('node_public_fields', proof), call('node_public_fields', proof, { node: UUID })]) {
      const { status, body } = await given;
      assert.equal(status, 200);
      assert.equal((body as Record<string, unknown>).uuid, UUID);
      assert.doesNotMatch(JSON.stringify(body), /swordfish|driver_info|instance_info/);
    }
  });

  test('keeps a firmware report on the own node', async () => {
    const components = [{ component: 'bios', current_version: '1.2' }];
    const answer = await call('report_firmware', { agent_token: TOKEN, components }, { node: UUID });
    assert.deepEqual(answer, { status: 200, body: { accepted: 1 } });
    const stored = nodes.get(UUID)?.driver_internal_info.reported_firmware as Record<string, unknown>;
    assert.deepEqual(stored.components, components);
    assert.equal(nodes.get(OTHER)?.version, 1);
  });

  test('refuses a bad proof with the same words as a method that does not exist', async () => {
    const bad = [
      {},
      { node_uuid: UUID },
      { node_uuid: UUID, agent_token: '' },
      { node_uuid: UUID, agent_token: `${TOKEN}x` },
      { node_uuid: OTHER, agent_token: TOKEN },
      { node_uuid: 'rack1~u07', agent_token: TOKEN },
      { node_uuid: [UUID], agent_token: [TOKEN] },
      'text',
      null,
    ];
    for (const body of bad) await assert.rejects(call('node_public_fields', body), refused, JSON.stringify(body));
    await assert.rejects(call('nope', proof), refused);
  });

  test('lets a node speak for no other, whatever the path says', async () => {
    await assert.rejects(call('node_public_fields', proof, { node: OTHER }), refused);
    await assert.rejects(call('node_public_fields', { agent_token: TOKEN }, { node: OTHER }), refused);
    await assert.rejects(call('node_public_fields', proof, { driver: 'manual' }), refused);
    const two = { node_uuid: OTHER, agent_token: TOKEN };
    await assert.rejects(call('node_public_fields', two, { node: UUID }), refused);
  });

  test('does not serve a row of another vendor interface, whoever proved to be whom', async () => {
    const table = VENDOR_TABLE.map((row) => ({ ...row, vendor: row.audience === 'agent' ? 'acme' : row.vendor }));
    handlers = passthru(services, table);
    await assert.rejects(call('node_public_fields', proof), refused);
  });

  test('refuses a machine whose token was revoked or that never had one', async () => {
    sessions.set(UUID, session(UUID));
    await assert.rejects(call('node_public_fields', proof), refused);
    await assert.rejects(call('node_public_fields', { node_uuid: OTHER, agent_token: '' }), refused);
  });

  test('does not serve the rows of operators, and asks no store for them', async () => {
    for (const method of ['second_method', 'third_method_sync', 'capabilities', 'nope']) {
      await assert.rejects(call(method, { ...proof, bar: 'meow' }), refused);
    }
    assert.equal(reads, 0);
  });

  test('tells only a proved caller what is wrong with its arguments', async () => {
    await assert.rejects(call('report_firmware', { ...proof, components: 'all' }), InvalidInput);
    await assert.rejects(call('report_firmware', { node_uuid: UUID, components: 'all' }), refused);
  });

  test('lists the rows of agents only, alike for nodes that exist and nodes that do not', async () => {
    const known = await ask('agent/passthru#methods', { params: { node: UUID } });
    const unknown = await ask('agent/passthru#methods', { params: { node: CALL } });
    assert.deepEqual(known, unknown);
    assert.deepEqual(Object.keys(known.body as object), ['node_public_fields', 'report_firmware']);
  });
});
