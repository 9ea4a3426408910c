import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hashSync } from 'bcryptjs';
import { agentHandlers } from '../../functions/agent/handlers.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import { basicAuthentication } from '../../infra/local/basic-auth.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';

describe('both APIs as they are served', () => {
  let runtime: Runtime;
  before(async () => {
    const users = new Map([
      ['ada', { hash: hashSync('pw', 4), role: 'admin' as const }],
      ['bob', { hash: hashSync('pw', 4), role: 'reader' as const }],
    ]);
    const authenticate = basicAuthentication(() => users);
    runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', authenticate, log: silentLog });
  });
  after(() => runtime.close());

  it('has a handler for every route, and a route for every handler', () => {
    const handlers = { agent: agentHandlers(runtime.services), operator: operatorHandlers(runtime.services) };
    for (const api of ['agent', 'operator'] as const) {
      const named = new Set(ROUTES.filter((route) => route.api === api).map(({ handler }) => handler));
      assert.deepEqual([...named].sort(), Object.keys(handlers[api]).sort());
    }
  });

  it('lets an administrator make a node, a reader see it, and a stranger do neither', async () => {
    const ask = (user: string, init: RequestInit = {}) => {
      const authorization =
        user === '' ? {} : { authorization: `Basic ${Buffer.from(`${user}:pw`).toString('base64')}` };
      const headers = {
        'content-type': 'application/json',
        'x-openstack-ironic-api-version': '1.80',
        ...authorization,
      };
      return fetch(`${runtime.operatorUrl}/v1/nodes`, { ...init, headers });
    };
    const body = JSON.stringify({ driver: 'fake-hardware', name: 'n1' });
    const statuses = async (init: RequestInit) => {
      const answers = await Promise.all(['', 'eve', 'bob', 'ada'].map((user) => ask(user, init)));
      return answers.map(({ status }) => status);
    };
    assert.deepEqual(await statuses({ method: 'POST', body }), [401, 401, 403, 201]);
    assert.deepEqual(await statuses({}), [401, 401, 200, 200]);
    const listed = (await (await ask('bob')).json()) as { nodes: { name: string }[] };
    assert.deepEqual(
      listed.nodes.map(({ name }) => name),
      ['n1'],
    );
  });

  it('shows no node to the agent API', async () => {
    assert.equal((await fetch(`${runtime.agentUrl}/v1/nodes`)).status, 404);
  });
});
