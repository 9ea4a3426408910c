import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { hashSync } from 'bcryptjs';
import type { Role, Route } from '../../functions/http.ts';
import { ROUTES } from '../../functions/routes.ts';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { makeClient } from '../../shared/adapters/dynamodb/client.ts';

const ROLES = ['reader', 'member', 'admin'] as const satisfies readonly Role[];
const OPERATOR = ROUTES.filter(({ api }) => api === 'operator');
const GUARDED = OPERATOR.filter(({ role }) => role !== 'public');
const NODE = '5c1e0000-0000-4000-8000-000000000001';
const ABSENT = '5c1e0000-0000-4000-8000-0000000000ff';

/** What each POST that makes something accepts: a request that was let through would leave something behind. */
const MAKES: Record<string, unknown> = {
  '/v1/nodes': { driver: 'fake-hardware', name: 'made' },
  '/v1/ports': { node_uuid: NODE, address: '52:54:00:00:00:01' },
  '/v1/chassis': { description: 'made' },
  '/v1/portgroups': { node_uuid: NODE, name: 'made' },
  '/v1/volume/connectors': { node_uuid: NODE, type: 'iqn', connector_id: 'iqn.2026-01.example:made' },
  '/v1/volume/targets': { node_uuid: NODE, volume_type: 'iscsi', volume_id: 'made', boot_index: 0 },
  '/v1/allocations': { name: 'made', resource_class: 'none-such' },
  '/v1/deploy_templates': { name: 'CUSTOM_MADE', steps: [{ interface: 'bios', step: 'x', args: {}, priority: 1 }] },
  '/v1/runbooks': { name: 'CUSTOM_MADE', steps: [{ interface: 'bios', step: 'x', args: {}, order: 1 }] },
  '/v1/inspection_rules': { description: 'made', actions: [{ op: 'fail', args: { msg: 'made' } }] },
  '/v1/nodeless/policies': { name: 'made', outcome: 'hold' },
  '/v1/nodeless/join_tokens': { name: 'made', uses: 1 },
};
/** What changes the node that is there, for whoever may. */
const CHANGES: Record<string, unknown> = {
  'PATCH /v1/nodes/{node}': [{ op: 'add', path: '/extra/changed', value: true }],
  'PUT /v1/nodes/{node}/maintenance': { reason: 'changed' },
  'PUT /v1/nodes/{node}/traits': { traits: ['CUSTOM_CHANGED'] },
  'PUT /v1/nodes/{node}/states/provision': { target: 'manage' },
};

const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
const nameOf = ({ method, path }: Route) => `${method} ${path}`;
const targetOf = ({ path }: Route) => path.replaceAll('{node}', NODE).replaceAll(/\{[^}]+\}/g, ABSENT);
const bodyOf = (route: Route): unknown =>
  route.method === 'GET' ? undefined : (route.method === 'POST' && MAKES[route.path]) || CHANGES[nameOf(route)] || {};

describe('the roles of the route table, over HTTP', () => {
  let runtime: Runtime;
  before(async () => {
    const hash = hashSync('right', 4);
    const users = new Map(ROLES.map((role) => [role, { hash, role }] as const));
    runtime = await startRuntime({
      operatorPort: 0,
      agentPort: 0,
      host: '127.0.0.1',
      authenticate: basicAuthentication(() => users),
      log: silentLog,
    });
    const body = { uuid: NODE, driver: 'fake-hardware', name: 'there' };
    const made = await send('POST', '/v1/nodes', basic('admin:right'), body);
    assert.equal(made.status, 201);
  });
  after(() => runtime.close());

  async function send(method: string, path: string, headers: Record<string, string>, body?: unknown) {
    const response = await fetch(`${runtime.operatorUrl}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }
  const asked = (route: Route, headers: Record<string, string>) =>
    send(route.method, targetOf(route), headers, bodyOf(route));

  /** Every row of every table, as the database has them. */
  async function stored() {
    const client = makeClient(runtime.databaseUrl);
    const { TableNames: tables = [] } = await client.send(new ListTablesCommand({}));
    assert.equal(tables.length, 3);
    const scans = tables.map((TableName) => client.send(new ScanCommand({ TableName, ConsistentRead: true })));
    const rows = (await Promise.all(scans)).flatMap(({ Items = [] }) => Items);
    client.destroy();
    // The database gives rows and their attributes in any order.
    return new Map(
      rows.map((row) => [[row['pk'], row['sk'], row['node'], row['part']].map((key) => key?.S).join(), row]),
    );
  }

  it('let nobody in without credentials, by a wrong password or by an unknown name: 401 on every route', async () => {
    const earlier = await stored();
    assert.ok(earlier.size > 0);
    for (const route of GUARDED) {
      for (const headers of [{}, basic('admin:wrong'), basic('nobody:right')]) {
        const { status, headers: given, text } = await asked(route, headers);
        assert.equal(status, 401, nameOf(route));
        assert.equal(given.get('www-authenticate'), 'Basic realm="Baremetal API"');
        assert.equal(given.get('x-openstack-ironic-api-maximum-version'), null);
        assert.equal(JSON.parse(text).error.code, 401);
      }
    }
    assert.deepEqual(await stored(), earlier);
  });

  it('let no role do more than its routes: 403, and nothing is stored', async () => {
    const earlier = await stored();
    for (const route of GUARDED) {
      for (const role of ROLES.slice(0, ROLES.indexOf(route.role as (typeof ROLES)[number]))) {
        const { status, text } = await asked(route, basic(`${role}:right`));
        assert.equal(status, 403, `${nameOf(route)} by ${role}`);
        assert.match(
          JSON.parse(JSON.parse(text).error_message).faultstring,
          new RegExp(`needs the role ${route.role}`),
        );
      }
    }
    assert.deepEqual(await stored(), earlier);
  });

  it('let every role do what its routes say', async () => {
    // What removes or moves the node comes last, or later rows would only be told 404 and 409.
    const harmless = GUARDED.filter(({ method, role }) => method === 'GET' && role === 'reader');
    for (const route of harmless) {
      for (const role of ROLES) {
        const { status } = await asked(route, basic(`${role}:right`));
        assert.ok(status !== 401 && status !== 403 && status < 500, `${nameOf(route)} by ${role}: ${status}`);
      }
    }
    for (const path of Object.keys(MAKES)) {
      const { status, text } = await send('POST', path, basic('admin:right'), MAKES[path]);
      assert.equal(status, 201, `POST ${path}: ${text}`);
    }
    for (const [name, body] of Object.entries(CHANGES)) {
      const route = GUARDED.find((one) => nameOf(one) === name);
      assert.ok(route, name);
      const { status, text } = await send(route.method, targetOf(route), basic(`${route.role}:right`), body);
      assert.ok(status >= 200 && status < 300, `${name}: ${status} ${text}`);
    }
    for (const route of GUARDED.filter(({ method }) => method !== 'GET')) {
      const { status } = await asked(route, basic(`${route.role}:right`));
      assert.ok(status !== 401 && status !== 403, `${nameOf(route)}: ${status}`);
    }
  });

  it('name a body for every POST that makes something', () => {
    const makers = OPERATOR.filter(({ handler, method }) => method === 'POST' && handler.endsWith('#create'));
    assert.deepEqual(makers.map(({ path }) => path).sort(), Object.keys(MAKES).sort());
  });

  it('ask nothing of whoever wants to know the versions', async () => {
    for (const path of ['/', '/v1', '/v1/']) assert.equal((await send('GET', path, {})).status, 200, path);
    assert.equal((await send('POST', '/v1', {})).status, 405);
    assert.deepEqual(OPERATOR.filter(({ role }) => role === 'public').map(nameOf), ['GET /', 'GET /v1']);
  });

  it('come before routing: what does not exist is 401 to a stranger, too', async () => {
    for (const path of ['/v1/none-such', '/none', '/v1/nodes/%zz']) {
      assert.equal((await send('GET', path, {})).status, 401, path);
    }
    assert.equal((await send('GET', '/v1/none-such', basic('reader:right'))).status, 404);
    assert.equal((await send('GET', '/v1/nodes/%zz', basic('reader:right'))).status, 400);
    assert.equal((await send('PROPFIND', '/v1/nodes', {})).status, 401);
  });

  it('tell a header that cannot be read (400) from one that is missing or wrong (401)', async () => {
    for (const authorization of ['Bearer abc', 'Basic', 'Basic %%%%', basic('no colon').authorization]) {
      const { status, headers, text } = await send('GET', '/v1/nodes', { authorization });
      assert.equal(status, 400, authorization);
      assert.equal(headers.get('www-authenticate'), null);
      assert.equal(JSON.parse(text).error.code, 400);
    }
  });

  it('are not asked by the agent API, where a token counts', async () => {
    const agents = ROUTES.filter(({ api }) => api === 'agent');
    assert.deepEqual([...new Set(agents.map(({ role }) => role))].sort(), ['agent', 'public']);
    const response = await fetch(`${runtime.agentUrl}/v1/lookup?addresses=52:54:00:00:00:99`);
    assert.equal(response.headers.get('www-authenticate'), null);
    assert.equal(response.status, 404);
  });
});
