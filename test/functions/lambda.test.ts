import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { apiFunction } from '../../functions/lambda/api-function.ts';
import { once } from '../../functions/lambda/once.ts';
import { ownerAuthentication } from '../../functions/lambda/owner-authentication.ts';
import { proxyResultOf, rawRequestOf } from '../../functions/lambda/rest-proxy.ts';
import { InvalidInput, NotAuthenticated } from '../../shared/errors.ts';

/** As API Gateway's REST APIs send it, with what we read of it. */
function event(given: Partial<APIGatewayProxyEvent> = {}, context: object = {}): APIGatewayProxyEvent {
  const requestContext = {
    domainName: 'abc.execute-api.eu-central-1.amazonaws.com',
    path: '/api/v1/nodes/a%20b',
    stage: 'api',
    identity: { sourceIp: '203.0.113.7' },
    ...context,
  };
  return {
    httpMethod: 'GET',
    path: '/v1/nodes/a%20b',
    headers: { Accept: 'application/json' },
    multiValueHeaders: { Accept: ['application/json'] },
    multiValueQueryStringParameters: null,
    body: null,
    isBase64Encoded: false,
    requestContext,
    ...given,
  } as APIGatewayProxyEvent;
}

describe('a REST API event', () => {
  it('becomes HTTP: the path stays encoded, the stage goes into the URL', () => {
    assert.deepEqual(rawRequestOf(event(), undefined), {
      method: 'GET',
      path: '/v1/nodes/a%20b',
      rawQuery: '',
      headers: { Accept: 'application/json' },
      body: undefined,
      publicUrl: 'https://abc.execute-api.eu-central-1.amazonaws.com/api',
      sourceIp: '203.0.113.7',
    });
  });

  it('of the root and of a domain of its own shows the right URL', () => {
    const root = event({ path: '/' }, { path: '/api/' });
    assert.equal(rawRequestOf(root, undefined).publicUrl, 'https://abc.execute-api.eu-central-1.amazonaws.com/api');
    const own = event({ path: '/v1' }, { path: '/v1', domainName: 'metal.example.org' });
    assert.equal(rawRequestOf(own, undefined).publicUrl, 'https://metal.example.org');
    assert.equal(rawRequestOf(own, 'https://elsewhere.example.org').publicUrl, 'https://elsewhere.example.org');
  });

  it('of a domain with a base path is read without it', () => {
    const below = (path: string) => rawRequestOf(event({ path }, { path }), 'https://metal.example.org/base').path;
    assert.deepEqual(['/base/v1/nodes', '/base', '/v1/nodes'].map(below), ['/v1/nodes', '/', '/v1/nodes']);
  });

  it('keeps repeated and strange query arguments, and decodes a body only when it is encoded', () => {
    const multiValueQueryStringParameters = { addresses: ['52:54:00:00:00:01,a&b', 'c'], empty: [''] };
    const { rawQuery } = rawRequestOf(event({ multiValueQueryStringParameters }), undefined);
    assert.deepEqual(
      [...new URLSearchParams(rawQuery)],
      [
        ['addresses', '52:54:00:00:00:01,a&b'],
        ['addresses', 'c'],
        ['empty', ''],
      ],
    );
    assert.equal(rawRequestOf(event({ body: '{}' }), undefined).body, '{}');
    const encoded = rawRequestOf(event({ body: 'e30=', isBase64Encoded: true }), undefined).body;
    assert.deepEqual(encoded, Buffer.from('{}'));
  });

  it('is answered by what is built on the first of them, once', async () => {
    let built = 0;
    const handler = apiFunction(() => {
      built += 1;
      return { serve: async ({ path }) => ({ status: 200, headers: { 'X-Path': path }, body: '' }) };
    });
    assert.equal(built, 0);
    const context = { getRemainingTimeInMillis: () => 1000 } as never;
    const answers = [await handler(event(), context), await handler(event(), context)];
    assert.equal(built, 1);
    const headers = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Path': '/v1/nodes/a%20b' };
    assert.deepEqual(answers[1], { statusCode: 200, headers, body: '' });
  });

  it('is answered with a type that is no JSON where there is no body, since the gateway would say JSON', () => {
    const typeOf = (body: string, headers: Record<string, string> = {}) =>
      proxyResultOf({ status: 202, headers, body }).headers?.['Content-Type'];
    const json = { 'Content-Type': 'application/json' };
    assert.equal(typeOf(''), 'text/plain; charset=utf-8');
    assert.equal(typeOf('', json), 'application/json', 'HEAD has the type of GET');
    assert.equal(typeOf('{}', json), 'application/json');
    assert.equal(typeOf('text'), undefined);
    const bytes = proxyResultOf({ status: 200, headers: {}, body: '', bytes: new Uint8Array([1]) });
    assert.equal(bytes.headers?.['Content-Type'], undefined, 'a body of bytes is a body');
  });
});

describe('what is made once', () => {
  it('is made again when it failed', () => {
    let tries = 0;
    const make = once(() => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return tries;
    });
    assert.throws(make, /not yet/);
    assert.deepEqual([make(), make()], [2, 2]);
  });
});

describe("the owner's password", () => {
  const password = 'a password with a : in it';
  const authenticate = ownerAuthentication(async () => JSON.stringify({ username: 'admin', password }));
  const asking = (authorization?: string) =>
    authenticate({ headers: authorization === undefined ? {} : { authorization } } as never);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

  it('lets in whoever knows it, as administrator', async () => {
    assert.deepEqual(await asking(basic(`admin:${password}`)), { user: 'admin', role: 'admin' });
  });

  it('lets in nobody else', async () => {
    for (const wrong of [undefined, '', basic(`admin:${password} `), basic(`root:${password}`), basic(':')]) {
      await assert.rejects(asking(wrong), NotAuthenticated);
    }
    for (const unreadable of ['Bearer x', 'Basic', 'Basic %%%%', 'Basic abc', basic('admin')]) {
      await assert.rejects(asking(unreadable), InvalidInput);
    }
  });
});
