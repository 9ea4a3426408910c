import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { compileErrors, dereference, validate } from '@readme/openapi-parser';
import { z } from 'zod';
import { AGENT_SHAPES } from '../../functions/agent/shapes.ts';
import type { Route } from '../../functions/http.ts';
import { openApi, openApiFile } from '../../functions/openapi.ts';
import { OPERATOR_SHAPES } from '../../functions/operator/shapes.ts';
import { ROUTES } from '../../functions/routes.ts';
import { type Answer, operatorServer } from './operator-server.ts';

interface Operation {
  'x-nodeless-role': string;
  'x-nodeless-since'?: string;
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}
type Paths = Record<string, Record<string, Operation>>;

const SHAPES = { operator: OPERATOR_SHAPES, agent: AGENT_SHAPES };
const routesOf = (name: Route['api']) =>
  ROUTES.filter(({ api, path }) => api === name && !path.startsWith('/join/{token}'));

for (const api of ['operator', 'agent'] as const) {
  describe(`The OpenAPI file of the ${api} API`, () => {
    it('is made of the routes and their shapes', () => {
      const file = new URL(`../../functions/${api}/openapi.json`, import.meta.url);
      assert.equal(readFileSync(file, 'utf8'), openApiFile(api), 'run: npm run openapi');
    });

    it('has every route with its role, and no shape without a route', () => {
      const { paths } = openApi(api) as { paths: Paths };
      const described = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, call]) => `${method.toUpperCase()} ${path} ${call['x-nodeless-role']}`),
      );
      assert.deepEqual(
        described.sort(),
        routesOf(api)
          .map(({ method, path, role }) => `${method} ${path} ${role}`)
          .sort(),
      );
      const handlers = [...new Set(routesOf(api).map(({ handler }) => handler))];
      assert.deepEqual(Object.keys(SHAPES[api]).sort(), handlers.sort());
    });

    it('is valid OpenAPI', async () => {
      const checked = await validate(JSON.parse(openApiFile(api)));
      assert.ok(checked.valid, checked.valid ? '' : compileErrors(checked));
    });
  });
}

describe('What the operator API answers', () => {
  const PARAMS: Record<string, string> = { trait: 'CUSTOM_A', event: 'none', method: 'none', driver: 'fake-hardware' };
  /** A server with a node, a port and one of each small resource, and the path of a call on them. */
  async function site() {
    const server = operatorServer();
    const made = async (path: string, body: object) => {
      const answer = await server.call('POST', `/v1/${path}`, body);
      assert.equal(answer.status, 201, `${path}: ${answer.body}`);
      return answer.json.uuid as string;
    };
    const node_uuid = await made('nodes', { driver: 'fake-hardware' });
    const step = { interface: 'deploy', step: 'wait', args: {} };
    const params: Record<string, string> = {
      ...PARAMS,
      node: node_uuid,
      port: await made('ports', { node_uuid, address: '52:54:00:00:00:01' }),
      portgroup: await made('portgroups', { node_uuid, address: '52:54:00:00:00:02' }),
      chassis: await made('chassis', {}),
      connector: await made('volume/connectors', { node_uuid, type: 'ip', connector_id: 'a' }),
      target: await made('volume/targets', { node_uuid, volume_type: 'iscsi', volume_id: 'a', boot_index: 0 }),
      allocation: await made('allocations', { resource_class: 'large' }),
      template: await made('deploy_templates', { name: 'CUSTOM_T', steps: [{ ...step, priority: 1 }] }),
      runbook: await made('runbooks', { name: 'CUSTOM_R', steps: [{ ...step, order: 1 }] }),
      rule: await made('inspection_rules', { actions: [{ op: 'log', args: { msg: 'seen' } }] }),
      conductor: 'nodeless',
    };
    const pathOf = ({ path }: Route) => path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? 'none');
    return { ...server, pathOf };
  }

  it('has the shape that the file promises', async () => {
    const { paths } = (await dereference(JSON.parse(openApiFile('operator')))) as unknown as { paths: Paths };
    const { call, pathOf } = await site();
    const seen: string[] = [];
    for (const route of routesOf('operator').filter(({ method }) => method === 'GET')) {
      const answers: Answer[] = [await call('GET', pathOf(route))];
      if (answers[0]?.status !== 200) continue;
      const { schema } = paths[route.path]?.get?.responses['200']?.content?.['application/json'] ?? {};
      assert.ok(schema, route.path);
      const checked = z.fromJSONSchema(schema as z.core.JSONSchema.BaseSchema).safeParse(answers[0].json);
      assert.ok(checked.success, `${route.path}: ${JSON.stringify(checked.error?.issues)} ${answers[0].body}`);
      seen.push(route.path);
    }
    assert.ok(seen.length >= 50, `only ${seen.length} calls were looked at: ${seen.join(' ')}`);
  });

  it('is a refusal below the version that the file says, and none for that reason from there on', async () => {
    const wrong: string[] = [];
    for (const route of routesOf('operator')) {
      const since = OPERATOR_SHAPES[route.handler]?.since ?? 1;
      if (since === 1) continue;
      const { call, pathOf } = await site();
      const below = await call(route.method, pathOf(route), undefined, `1.${since - 1}`);
      if (![404, 405, 406].includes(below.status))
        wrong.push(`${route.method} ${route.path} 1.${since - 1}: ${below.status}`);
      const from = await call(route.method, pathOf(route), undefined, `1.${since}`);
      const gated =
        from.status === below.status && from.body.replaceAll(/req-\S+/g, '') === below.body.replaceAll(/req-\S+/g, '');
      if (gated) wrong.push(`${route.method} ${route.path} 1.${since}: ${from.status} ${from.body}`);
    }
    assert.deepEqual(wrong, []);
  });
});
