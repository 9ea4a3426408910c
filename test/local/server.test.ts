import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { RawRequest } from '../../functions/http.ts';
import { type ListenOptions, listen } from '../../infra/local/server.ts';
import { until } from '../until.ts';

const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' };

async function started(t: TestContext, options: Partial<ListenOptions> = {}) {
  const seen: RawRequest[] = [];
  const errors: string[] = [];
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    log: { error: (message, fields) => errors.push(`${message} ${fields?.error}`) },
    async serve(raw) {
      seen.push(raw);
      return answer;
    },
    ...options,
  });
  t.after(() => server.close());
  return { ...server, seen, errors };
}

describe('the local HTTP server', () => {
  it('hands over the path as it was sent', async (t) => {
    const { url, seen } = await started(t);
    await fetch(`${url}/v1/nodes/a%2Fb%20c?fields=uuid&x=%2F`, { method: 'PATCH', body: '[1]' });
    const [raw] = seen;
    assert.equal(raw?.path, '/v1/nodes/a%2Fb%20c');
    assert.equal(raw?.rawQuery, 'fields=uuid&x=%2F');
    assert.equal(raw?.method, 'PATCH');
    assert.equal(Buffer.from(raw?.body ?? '').toString(), '[1]');
    assert.equal(raw?.sourceIp, '127.0.0.1');
  });

  it('has no body where none was sent, and answers HEAD without one', async (t) => {
    const { url, seen } = await started(t);
    const response = await fetch(`${url}/`, { method: 'HEAD' });
    assert.equal(await response.text(), '');
    assert.equal(seen[0]?.body, undefined);
  });

  it('shows the URL by which it was called, or the one that it was told', async (t) => {
    const called = await started(t);
    await fetch(called.url, { headers: { 'x-forwarded-host': 'evil.example' } });
    assert.equal(called.seen[0]?.publicUrl, called.url);
    const told = await started(t, { publicUrl: 'https://bare.example/metal' });
    await fetch(told.url);
    assert.equal(told.seen[0]?.publicUrl, 'https://bare.example/metal');
  });

  it('serves the paths of its public URL with and without the prefix', async (t) => {
    const { url, seen } = await started(t, { publicUrl: 'https://bare.example/stage/metal/' });
    const paths = [
      '/stage/metal',
      '/stage/metal/',
      '/stage/metal/v1/nodes/a%2Fb?x=1',
      '/v1/nodes',
      '/stage/metallic/v1',
    ];
    for (const path of paths) await fetch(`${url}${path}`);
    assert.deepEqual(
      seen.map(({ path }) => path),
      ['/', '/', '/v1/nodes/a%2Fb', '/v1/nodes', '/stage/metallic/v1'],
    );
  });

  it('believes the headers of a proxy only where there is one', async (t) => {
    const { url, seen } = await started(t, { trustProxy: true });
    const headers = {
      'x-forwarded-host': 'bare.example:8443',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/metal/',
      'x-forwarded-for': '1.2.3.4, 10.0.0.9',
    };
    await fetch(url, { headers });
    assert.equal(seen[0]?.publicUrl, 'https://bare.example:8443/metal');
    assert.equal(seen[0]?.sourceIp, '10.0.0.9');
  });

  it('refuses what is too large, announced or not', async (t) => {
    const { url, port, seen } = await started(t, { bodyLimitBytes: 1000 });
    const announced = await fetch(url, { method: 'POST', body: 'x'.repeat(1001) });
    assert.equal(announced.status, 413);
    assert.match(await announced.text(), /too large/);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      for (let i = 0; i < 20; i += 1) request.write('y'.repeat(100));
      request.end();
    });
    assert.equal(status, 413);
    assert.equal(seen.length, 0);
    assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(1000) })).status, 200);
  });

  it('survives clients that hang up or talk nonsense', async (t) => {
    const { url, port, errors } = await started(t);
    const aborted = connect(port, '127.0.0.1');
    aborted.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => setTimeout(resolve, 20));
    aborted.destroy();
    const nonsense = connect(port, '127.0.0.1');
    nonsense.end('\u0000\u0001\r\n\r\n');
    let closed = false;
    nonsense.resume().on('close', () => {
      closed = true;
    });
    await until('the client to hang up', () => closed);
    assert.equal((await fetch(url)).status, 200);
    assert.deepEqual(errors, []);
  });

  it('answers 500 and tells the log when serving fails', async (t) => {
    const { url, errors } = await started(t, { serve: () => Promise.reject(new TypeError('secret')) });
    const response = await fetch(url);
    assert.equal(response.status, 500);
    assert.doesNotMatch(await response.text(), /secret/);
    assert.deepEqual(errors, ['request failed TypeError']);
  });

  it('finishes what it is serving before it closes', async (t) => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = false;
    const serve = () => {
      asked = true;
      return held.then(() => answer);
    };
    const server = await started(t, { serve });
    const response = fetch(server.url);
    await until('the request', () => asked);
    const closing = server.close();
    release();
    assert.equal((await response).status, 200);
    await closing;
    await assert.rejects(fetch(server.url));
  });
});
