import assert from 'node:assert/strict';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
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

describe('a call to an agent', () => {
  async function agent(t: TestContext, address: string) {
    const { pem, key } = makeCertificate('agent', address);
    const asked: string[] = [];
    const server = createServer({ cert: pem, key }, (request, response) => {
      asked.push(request.url ?? '');
      response.end('{"commands": []}');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const callbackUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ask = (certificate: string) =>
      httpReach.agent({
        callbackUrl,
        certificate,
        token: CANARIES.wrongPassword,
        timeoutSeconds: 20,
        request: { command: 'list' },
      });
    return { pem, asked, ask };
  }

  it('trusts the certificate of this boot and no other, and tells nobody else the token', async (t) => {
    const { pem, asked, ask } = await agent(t, '127.0.0.1');
    const stranger = await ask(makeCertificate('agent', '127.0.0.1').pem);
    assert.equal(stranger.kind, 'unreachable');
    assert.ok(!JSON.stringify(stranger).includes(CANARIES.wrongPassword));
    assert.deepEqual(asked, []);
    assert.notEqual((await ask(pem)).kind, 'unreachable');
    assert.equal(asked.length, 1);
  });

  it('is not made when the certificate is for another address', async (t) => {
    const { pem, asked, ask } = await agent(t, '127.0.0.2');
    assert.equal((await ask(pem)).kind, 'unreachable');
    assert.deepEqual(asked, []);
  });
});
