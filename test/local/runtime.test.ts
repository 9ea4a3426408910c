import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { silentLog } from '../../infra/local/console-log.ts';
import { type RuntimeOptions, startRuntime } from '../../infra/local/runtime.ts';

const given: RuntimeOptions = { operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog };

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'nodeless-test-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe('the local runtime', () => {
  it('serves both APIs, on ports of their own', async (t) => {
    const runtime = await startRuntime(given);
    t.after(() => runtime.close());
    assert.notEqual(runtime.operatorUrl, runtime.agentUrl);
    for (const url of [runtime.operatorUrl, runtime.agentUrl]) {
      const response = await fetch(`${url}/`);
      assert.equal(response.status, 200);
      assert.match(await response.text(), new RegExp(`${url}/v1`));
    }
  });

  it('keeps the data and the token key in its folder, and the key to itself', async (t) => {
    const dataFolder = folder(t);
    const first = await startRuntime({ ...given, dataFolder });
    const key = await first.services.tokenKey();
    await first.services.documents.put('a/b', Buffer.from('x'), 'text/plain');
    await first.close();
    assert.equal(statSync(join(dataFolder, 'token-key')).mode & 0o777, 0o600);
    const second = await startRuntime({ ...given, dataFolder });
    t.after(() => second.close());
    assert.deepEqual(await second.services.tokenKey(), key);
    assert.equal(Buffer.from((await second.services.documents.get('a/b')) ?? '').toString(), 'x');
  });

  it('does not show the operator API to a network without authentication', async () => {
    for (const host of ['0.0.0.0', '::', '10.0.0.1', 'bare.example', '127.0.0.1.bare.example']) {
      await assert.rejects(startRuntime({ ...given, host }), /without authentication: set NODELESS_AUTH=basic/);
    }
  });

  it('links to itself below the prefix of a gateway, and serves what it links to', async (t) => {
    const runtime = await startRuntime({ ...given, trustProxy: true });
    t.after(() => runtime.close());
    const base = `${runtime.operatorUrl}/stage/metal`;
    const headers = {
      'content-type': 'application/json',
      'x-openstack-ironic-api-version': '1.115',
      'x-forwarded-prefix': '/stage/metal',
    };
    const got = async (url: string) => {
      assert.ok(url.startsWith(`${base}/`), url);
      const response = await fetch(url, { headers });
      assert.equal(response.status, 200, url);
      return response.json() as Promise<Record<string, unknown>>;
    };
    for (const name of ['one', 'two']) {
      const body = JSON.stringify({ driver: 'fake-hardware', name });
      const made = await fetch(`${base}/v1/nodes`, { method: 'POST', headers, body });
      assert.equal((await got(made.headers.get('location') ?? ''))['name'], name);
    }
    const { default_version: version } = (await got(`${base}/`)) as { default_version: { links: { href: string }[] } };
    await got(version.links[0]?.href ?? '');
    const first = (await got(`${base}/v1/nodes?limit=1`)) as { next: string; nodes: { links: { href: string }[] }[] };
    const second = (await got(first.next)) as typeof first;
    assert.equal(first.nodes.length + second.nodes.length, 2);
    // `self` and `bookmark`, which has no version in its path.
    for (const { href } of first.nodes[0]?.links ?? []) await got(href);
  });

  it('leaves nothing behind when a port is taken', async (t) => {
    const runtime = await startRuntime(given);
    t.after(() => runtime.close());
    const agentPort = Number(new URL(runtime.agentUrl).port);
    await assert.rejects(startRuntime({ ...given, agentPort }), { code: 'EADDRINUSE' });
  });
});
