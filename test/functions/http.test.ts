import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { errorToHttp, type Origin } from '../../functions/middleware/errors-to-http.ts';
import { NODE_PARTS } from '../../functions/middleware/node-parts.ts';
import { Router } from '../../functions/middleware/router.ts';
import { ROUTES } from '../../functions/routes.ts';
import * as errors from '../../shared/errors.ts';
import { faultOf, operatorServer } from './operator-server.ts';

const VERSION = 'X-OpenStack-Ironic-API-Version';

describe('errors', () => {
  const cases: [unknown, Origin, number, RegExp][] = [
    [new errors.InvalidInput('m'), 'handler', 400, /"faultcode\\":\\"Client\\",\\"faultstring\\":\\"m\\"/],
    [new errors.NotFound('m'), 'router', 404, /"code\\":404,\\"title\\":\\"Not Found\\",\\"description\\":\\"m\\"/],
    [new errors.NotFound('m'), 'handler', 404, /faultstring/],
    [new errors.Forbidden('m'), 'handler', 403, /faultstring/],
    [new errors.ClaimTaken('mac', 'x', undefined), 'handler', 409, /mac x is already in use/],
    [new errors.VersionConflict('m'), 'handler', 409, /faultstring/],
    [new errors.NotAcceptable('m'), 'router', 406, /title/],
    [new errors.PayloadTooLarge('m'), 'body', 413, /^\{"faultcode":"Client","faultstring":"m"\}$/],
    [new errors.InvalidInput('m'), 'body', 400, /^\{"faultcode":"Client","faultstring":"m"\}$/],
    [new errors.NotAuthenticated('m'), 'auth', 401, /^\{"error":\{"message":"m","code":401\}\}$/],
    [new errors.Unavailable('m', 7), 'handler', 503, /Server/],
    [new Error('a password'), 'handler', 500, /req-1/],
    ['thrown', 'handler', 500, /req-1/],
  ];
  for (const [error, origin, status, body] of cases) {
    test(`${error instanceof Error ? error.name : error} from ${origin} is ${status}`, () => {
      const answer = errorToHttp(error, origin, 'req-1');
      assert.equal(answer.status, status);
      assert.match(JSON.stringify(answer.body), body);
      assert.equal(JSON.stringify(answer.body).includes('password'), false);
    });
  }
  test('headers', () => {
    assert.equal(errorToHttp(new errors.Unavailable('m', 7), 'handler', 'r').headers?.['Retry-After'], '7');
    assert.equal(
      errorToHttp(new errors.MethodNotAllowed('m', ['GET', 'PUT']), 'router', 'r').headers?.Allow,
      'GET, PUT',
    );
    assert.match(
      errorToHttp(new errors.NotAuthenticated('m'), 'auth', 'r').headers?.['WWW-Authenticate'] ?? '',
      /Basic/,
    );
  });
});

describe('microversions', () => {
  const { call } = operatorServer();
  const cases: [Record<string, string>, number, string | undefined][] = [
    [{}, 200, '1.1'],
    [{ [VERSION]: '1.70' }, 200, '1.70'],
    [{ [VERSION]: 'latest' }, 200, '1.115'],
    [{ [VERSION]: '1.5', 'OpenStack-API-Version': 'baremetal 1.70' }, 200, '1.70'],
    [{ 'openstack-api-version': 'compute 2.1, baremetal latest' }, 200, '1.115'],
    [{ 'OpenStack-API-Version': 'compute 2.1' }, 200, '1.1'],
    [{ [VERSION]: '1.0' }, 406, undefined],
    [{ [VERSION]: '1.116' }, 406, undefined],
    [{ [VERSION]: '2.1' }, 406, undefined],
    [{ [VERSION]: 'foo' }, 406, undefined],
    [{ [VERSION]: '1' }, 406, undefined],
  ];
  for (const [headers, status, echo] of cases) {
    test(`${JSON.stringify(headers)} is ${status}`, async () => {
      const answer = await call('GET', '/v1', undefined, headers);
      assert.equal(answer.status, status);
      assert.equal(answer.headers[VERSION], echo);
      const ranged = status === 200 || /\d\.\d/.test(headers[VERSION] ?? '1.1');
      assert.equal(answer.headers['X-OpenStack-Ironic-API-Maximum-Version'], ranged ? '1.115' : undefined);
      assert.match(answer.headers['OpenStack-Request-Id'] ?? '', /^req-[0-9a-f-]{36}$/);
    });
  }
});

describe('discovery', () => {
  test('documents, HEAD, slashes and stage prefix', async () => {
    const { call } = operatorServer();
    const root = await call('GET', '/', undefined, {});
    assert.equal(root.json.versions.length, 1);
    assert.equal(root.json.default_version.links[0].href, 'http://public/stage/v1/');
    assert.deepEqual((await call('GET', '/v1/')).json, (await call('GET', '/v1')).json);
    const head = await call('HEAD', '/v1');
    assert.deepEqual([head.status, head.body], [200, '']);
    assert.equal((await call('HEAD', '/v1/nodes')).status, 405);
    assert.equal((await call('POST', '/v1', {})).status, 405);
    assert.equal('shards' in (await call('GET', '/v1', undefined, '1.81')).json, false);
    assert.equal((await call('GET', '/v1/nothing')).status, 404);
  });

  test('a part that a node has only in later versions is 404 for every method, then 405 for a wrong one', async () => {
    const { call } = operatorServer();
    for (const [part, since] of NODE_PARTS) {
      const answers = async (minor: number) => {
        const asked = ['GET', 'POST', 'PUT'].map((method) => call(method, `/v1/nodes/x/${part}`, {}, `1.${minor}`));
        return (await Promise.all(asked)).map(({ status }) => status);
      };
      assert.deepEqual(await answers(since - 1), [404, 404, 404], part);
      assert.ok((await answers(since)).includes(405), part);
    }
  });

  test('an agent that reports here is told where it belongs', async () => {
    const { call } = operatorServer();
    const beat = (path: string, version: string) => call('POST', path, { callback_url: 'http://a' }, version);
    for (const path of ['/v1/heartbeat', `/heartbeat/${randomUUID()}`]) {
      assert.equal((await beat(path, '1.21')).status, 404);
      assert.match(faultOf(await beat(path, '1.22')), /agent API.*ipa-api-url/);
    }
  });
});

describe('bodies', () => {
  const { call } = operatorServer();
  const post = (body: string) => call('POST', '/v1/nodes', body);
  test('limits and shapes', async () => {
    const deep = await post(`{"driver":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    assert.deepEqual([deep.status, deep.json.faultcode], [400, 'Client']);
    const large = await post(`"${'x'.repeat(1024 * 1024)}"`);
    assert.deepEqual([large.status, large.json.faultcode], [413, 'Client']);
    assert.equal((await post('{')).status, 400);
    assert.equal((await post('[]')).status, 400);
    const string = await post(`{"driver":"${'['.repeat(100)}"}`);
    assert.match(string.body, /No valid host|driver/);
  });
  test('keys that reach a prototype are refused, also when escaped', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__']) {
      const answer = await post(`{"driver":"fake-hardware","extra":{"a":{"${key}":{"x":1}}}}`);
      assert.equal(answer.status, 400, key);
      assert.match(answer.body, /not allowed/);
    }
  });
});

describe('requests', () => {
  test('odd ones', async () => {
    const { call, lines } = operatorServer();
    assert.equal((await call('GET', '/v1/nodes/%ff')).status, 400);
    assert.equal((await call('GET', '/v1/nodes?limit=1&limit=2')).status, 400);
    assert.equal((await call('GET', '/v1/nodes', undefined, { Accept: 'text/html' })).status, 406);
    const allow = (await call('POST', '/v1/conductors', {})).headers.Allow;
    assert.equal(allow, 'GET');
    assert.equal(lines.length, 4, 'one line a request');
    assert.deepEqual(Object.keys(lines[0] ?? {}).sort(), [
      'error',
      'method',
      'milliseconds',
      'request',
      'route',
      'status',
    ]);
  });

  test('an unknown error is a bare 500, and its text is neither in the answer nor in the log', async () => {
    const { call, services, lines } = operatorServer();
    services.nodes.list = async () => {
      throw new Error('password=hunter2');
    };
    const answer = await call('GET', '/v1/nodes');
    assert.equal(answer.status, 500);
    assert.equal((answer.body + JSON.stringify(lines)).includes('hunter2'), false);
  });

  test('authentication comes before routing, except on public paths; a reader may not write', async () => {
    const { call } = operatorServer({
      authenticate: async ({ headers }) => {
        if (headers.authorization !== 'Basic x') throw new errors.NotAuthenticated('Authorization required');
        return { user: 'ann', role: 'reader' };
      },
    });
    assert.equal((await call('GET', '/v1')).status, 200);
    assert.equal((await call('GET', '/v1/nodes')).status, 401);
    assert.equal((await call('GET', '/v1/nothing')).status, 401);
    assert.equal((await call('GET', '/v1/nodes', undefined, { Authorization: 'Basic x' })).status, 200);
    const denied = await call('POST', '/v1/nodes', { driver: 'fake-hardware' }, { Authorization: 'Basic x' });
    assert.equal(denied.status, 403);
  });
});

test('each route is found by its own method and path', () => {
  for (const api of ['agent', 'operator'] as const) {
    const routes = ROUTES.filter((route) => route.api === api);
    const router = new Router(routes);
    for (const route of routes) {
      const match = router.match(route.method, route.path.replaceAll(/[{}]/g, ''), 115);
      assert.equal(match.kind === 'found' && match.route, route, `${route.method} ${route.path}`);
    }
  }
});
