import assert from 'node:assert/strict';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { httpReach } from '../../shared/adapters/reach/http-reach.ts';
import { operatorServer } from '../functions/operator-server.ts';
import { makeCertificate } from '../rack/certificate.ts';
import { CANARIES } from './canaries.ts';

describe('JSON', () => {
  it('is read 25 levels deep and not one deeper', async () => {
    const { call } = operatorServer();
    /** One level is the body's own, one that of `extra`. */
    const nested = (levels: number) =>
      JSON.parse(`{"driver":"fake-hardware","extra":{"a":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}}`);
    assert.equal((await call('POST', '/v1/nodes', nested(25))).status, 201);
    const refused = await call('POST', '/v1/nodes', nested(26));
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(refused), /nested deeper than 25 levels/);
    assert.equal((await call('GET', '/v1/nodes')).json['nodes'].length, 1, 'nothing of it is stored');
  });
});

describe('a page in the browser of an operator', () => {
  const refused: [string, Record<string, string>][] = [
    ['of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
    ['of a neighbour', { 'Sec-Fetch-Site': 'same-site' }],
    ['of another site, in an old browser', { Origin: 'https://evil.example' }],
    ['of nowhere', { Origin: 'null' }],
  ];
  for (const [what, headers] of refused) {
    it(`${what} may not write`, async () => {
      const { call } = operatorServer();
      const told = await call(
        'POST',
        '/v1/nodes',
        { driver: 'fake-hardware' },
        { ...headers, 'Content-Type': 'text/plain' },
      );
      assert.equal(told.status, 403);
      assert.deepEqual((await call('GET', '/v1/nodes')).json['nodes'], []);
    });
  }

  it('of ours may', async () => {
    const { call } = operatorServer();
    for (const headers of [{ 'Sec-Fetch-Site': 'same-origin' }, { Origin: 'http://public' }] as Record<
      string,
      string
    >[]) {
      assert.equal((await call('POST', '/v1/nodes', { driver: 'fake-hardware' }, headers)).status, 201);
    }
  });

  it('whose site’s name leads to this machine is not answered where nobody needs a password', async (t) => {
    const runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog });
    t.after(() => runtime.close());
    const { port } = new URL(runtime.operatorUrl);
    const calledAs = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        request(runtime.operatorUrl, { path: '/v1/nodes', headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', 'a@b.example']) {
      assert.equal(await calledAs(host), 403, host);
    }
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      '[::1]',
      'nodeless',
      'x.localhost',
      'host.docker.internal',
    ]) {
      assert.equal(await calledAs(host), 200, host);
    }
  });
});

describe('a call to an agent', () => {
  async function agent(t: TestContext, address: string, now = Date.now()) {
    const { pem, key } = makeCertificate('agent', address, { now });
    const asked: string[] = [];
    const server = createServer({ cert: pem, key }, (request, response) => {
      asked.push(request.url ?? '');
      response.end('{"commands": []}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const callbackUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = (certificate?: string) =>
      httpReach.agent({
        callbackUrl,
        ...(certificate !== undefined && { certificate }),
        token: CANARIES.wrongPassword,
        timeoutSeconds: 20,
        request: { command: 'list' },
      });
    return { pem, key, asked, ask };
  }

  it('trusts the certificate of this boot and no other, and tells nobody else the token', async (t) => {
    const { pem, key, asked, ask } = await agent(t, '127.0.0.1');
    const others = [makeCertificate('agent', '127.0.0.1').pem, makeCertificate('agent', '127.0.0.1', { key }).pem];
    for (const other of others) {
      const stranger = await ask(other);
      const message = 'it shows another certificate than this boot told';
      assert.deepEqual(stranger, { kind: 'unreachable', message });
      assert.ok(!JSON.stringify(stranger).includes(CANARIES.wrongPassword));
    }
    assert.equal((await ask('no certificate at all')).kind, 'unreachable');
    assert.deepEqual(asked, []);
    assert.equal((await ask(pem)).kind, 'commands');
    assert.equal(asked.length, 1);
  });

  it('is made to who holds that very certificate, whatever its dates and names, and to nobody with one like it', async (t) => {
    for (const [what, days, address] of [
      ['has run out', -31, '127.0.0.1'],
      ['is of a clock that is ahead', 1, '127.0.0.1'],
      ['is for another address', 0, '127.0.0.2'],
    ] as const) {
      const now = Date.now() + days * 86_400_000;
      const { pem, key, asked, ask } = await agent(t, address, now);
      for (const other of [makeCertificate('agent', address, { now }), makeCertificate('agent', address, { now, key })])
        assert.equal((await ask(other.pem)).kind, 'unreachable', what);
      assert.deepEqual(asked, [], what);
      assert.deepEqual(await ask(pem), { kind: 'commands', commands: [] }, what);
    }
  });

  it('ends in time where nobody shakes hands', async (t) => {
    const server = createTcpServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const exchange = {
      callbackUrl: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      certificate: makeCertificate('agent', '127.0.0.1').pem,
      timeoutSeconds: 0.2,
      request: { command: 'list' },
    } as const;
    assert.deepEqual(await httpReach.agent(exchange), { kind: 'unreachable', message: 'no answer in time' });
  });

  it('asks the trust store about an agent that told no certificate', async (t) => {
    const { pem, asked, ask } = await agent(t, '127.0.0.1');
    assert.equal((await ask()).kind, 'unreachable');
    assert.deepEqual(asked, []);
    const store = getCACertificates('default');
    t.after(() => setDefaultCACertificates(store));
    setDefaultCACertificates([...store, pem]);
    assert.notEqual((await ask()).kind, 'unreachable');
    const stranger = await ask(makeCertificate('agent', '127.0.0.1').pem);
    assert.equal(stranger.kind, 'unreachable', 'what this boot told stands above the trust store');
  });
});
