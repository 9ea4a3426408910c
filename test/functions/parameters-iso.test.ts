import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mediumHandler } from '../../functions/agent/medium.ts';
import { parametersHandler } from '../../functions/agent/parameters.ts';
import { serve } from '../../functions/api.ts';
import { proxyResultOf } from '../../functions/lambda/rest-proxy.ts';
import { ROUTES } from '../../functions/routes.ts';
import { listen } from '../../infra/local/server.ts';
import { MemorySessionStore } from '../../shared/adapters/memory/session-store.ts';
import { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { deriveToken, tokenHash } from '../../shared/agent/agent-token.ts';
import { mediumName } from '../../shared/boot/medium-name.ts';
import { readIso } from '../fakes/read-iso.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const API = 'https://agents.example.net/prod';
const NODE = '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11';
const KEY = new Uint8Array(32).fill(5);

async function served(t: TestContext, publicUrl = API, tables = new MemoryTables()): Promise<string> {
  const services = { sessions: new MemorySessionStore(tables), tokenKey: async () => KEY };
  const answers = serve(
    ROUTES.filter(({ handler }) => handler === 'agent/parameters' || handler === 'agent/medium'),
    { 'agent/parameters': parametersHandler, 'agent/medium': mediumHandler(services) },
    { log: silent },
  );
  const listening = await listen({ host: '127.0.0.1', port: 0, serve: answers, publicUrl, log: silent });
  t.after(() => listening.close());
  return `${listening.url}/parameters.iso`;
}
const bytesOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('GET /parameters.iso', () => {
  it('is a medium on which an agent finds where to report', async (t) => {
    const response = await fetch(await served(t));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/x-iso9660-image']);
    const iso = readIso(await bytesOf(response));
    assert.equal(iso.label, 'ir-vfd-dev');
    const expected = `ipa-api-url=${API}\nipa-inspection-callback-url=${API}/v1/continue_inspection\n`;
    assert.deepEqual([...iso.rockRidge], [['parameters.txt', expected]]);
  });

  it('leads back below the join link with which it was asked for', async (t) => {
    const url = (await served(t)).replace('/parameters.iso', '/join/abc/parameters.iso');
    const iso = readIso(await bytesOf(await fetch(url)));
    assert.match(iso.rockRidge.get('parameters.txt') ?? '', new RegExp(`^ipa-api-url=${API}/join/abc$`, 'm'));
  });

  it('can be read in pieces, as BMCs mount it', async (t) => inPieces(await served(t)));

  async function inPieces(url: string): Promise<void> {
    const whole = await bytesOf(await fetch(url));
    const head = await fetch(url, { method: 'HEAD' });
    assert.deepEqual(
      [head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')],
      [200, String(whole.length), 'bytes'],
    );
    for (const [range, from, to] of [
      ['bytes=0-0', 0, 1],
      ['bytes=32768-34815', 32_768, 34_816],
      ['bytes=100-', 100, whole.length],
      ['bytes=-2048', whole.length - 2048, whole.length],
      ['bytes=0-99999999', 0, whole.length],
    ] as const) {
      const part = await fetch(url, { headers: { range } });
      assert.equal(part.status, 206, range);
      assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${whole.length}`);
      assert.deepEqual(await bytesOf(part), whole.subarray(from, to));
    }
  }

  it('beyond its end is a 416, and a range that cannot be read is the whole', async (t) => {
    const url = await served(t);
    const beyond = await fetch(url, { headers: { range: 'bytes=99999999-' } });
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')?.startsWith('bytes */')], [416, true]);
    for (const range of ['bytes=1-2,4-5', 'lines=1-2', 'bytes=-', 'bytes=x-1'])
      assert.equal((await fetch(url, { headers: { range } })).status, 200, range);
  });

  it('of one boot has its token, can be read in pieces, and is kept by nobody on the way', async (t) => {
    const tables = new MemoryTables();
    const token = deriveToken(KEY, NODE, 4);
    const session = { node: NODE, generation: 4, beats: 9, lastBeatAt: 0, issuedAt: 1, intervalSeconds: 60 };
    tables.sessions.set(NODE, { ...session, tokenHash: tokenHash(token), handedOver: '3/1' });
    const name = mediumName(KEY, NODE, 4);
    const url = (await served(t, API, tables)).replace('.iso', `/${name}.iso`);
    const answer = await fetch(url);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const iso = readIso(await bytesOf(answer));
    const expected = `ipa-api-url=${API}\nipa-inspection-callback-url=${API}/v1/continue_inspection\nipa-agent-token=${token}\n`;
    assert.deepEqual([...iso.rockRidge], [['parameters.txt', expected]]);
    await inPieces(url);
    tables.faults.fail('sessions.get');
    assert.equal((await fetch(url)).status, 503, 'could not look');
    for (const other of [name, `${name}.iso.iso`, `${name}.ISO`])
      assert.equal((await fetch(url.replace(`${name}.iso`, other))).status, 404, other);
    for (const [what, now] of Object.entries({
      'not for a medium': { tokenHash: tokenHash(token) },
      revoked: { generation: 5, handedOver: '3/1' },
      'the next one': { generation: 5, tokenHash: tokenHash(deriveToken(KEY, NODE, 5)), handedOver: '4/1' },
      used: { tokenHash: tokenHash(token), handedOver: '3/1', bootFingerprint: 'boot' },
    })) {
      tables.sessions.set(NODE, { ...session, ...now });
      const text = readIso(await bytesOf(await fetch(url))).rockRidge.get('parameters.txt') ?? '';
      assert.deepEqual([what, text.includes('ipa-agent-token'), text.includes('ipa-api-url')], [what, false, true]);
    }
    tables.sessions.delete(NODE);
    assert.equal((await fetch(url)).status, 404);
  });

  it('is not made of an address that could hold other parameters', async (t) => {
    assert.equal((await fetch(await served(t, 'https://a.example/ ipa-insecure=1'))).status, 404);
  });

  it('goes through a gateway as base64', () => {
    const result = proxyResultOf({ status: 206, headers: {}, body: '', bytes: Uint8Array.of(0, 255, 128) });
    assert.deepEqual([result.isBase64Encoded, result.body], [true, 'AP+A']);
  });
});
