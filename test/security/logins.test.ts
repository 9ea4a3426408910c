import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { getRounds, hashSync } from 'bcryptjs';
import { serve } from '../../functions/api.ts';
import type { RawRequest } from '../../functions/http.ts';
import { ownerAuthentication } from '../../functions/lambda/owner-authentication.ts';
import { braked } from '../../functions/middleware/login-brake.ts';
import { ROUTES } from '../../functions/routes.ts';
import { basicAuthentication, hashFor, type Users } from '../../infra/local/basic-auth.ts';
import { CountedMetrics } from '../../infra/local/counted-metrics.ts';
import type { LogFields } from '../../shared/log.ts';

const USERS: Users = new Map([['grace', { hash: hashSync('right', 4), role: 'admin' }]]);
const ROUTE = '/v1/conductors';

/** The operator API with a clock that moves when told; every request is of one route. */
function api(authenticate = basicAuthentication(() => USERS)) {
  const clock = { time: 0, now: () => clock.time };
  const lines: LogFields[] = [];
  const write = (_: string, fields: LogFields = {}) => void lines.push(fields);
  const metrics = new CountedMetrics();
  const routes = ROUTES.filter(({ path }) => path === ROUTE);
  const handlers = Object.fromEntries(routes.map(({ handler }) => [handler, async () => ({ status: 200, body: {} })]));
  const served = serve(routes, handlers, {
    authenticate: braked(authenticate, clock),
    log: { info: write, warn: write, error: write },
    metrics,
  });
  const ask = async (pair: string | undefined, sourceIp = '203.0.113.7') => {
    const authorization = pair === undefined ? undefined : `Basic ${Buffer.from(pair).toString('base64')}`;
    const raw: RawRequest = {
      method: 'GET',
      path: ROUTE,
      rawQuery: '',
      headers: { authorization },
      body: undefined,
      publicUrl: 'https://operators.example.net',
      sourceIp,
    };
    const { status, body, headers } = await served(raw);
    return { status, body, headers };
  };
  return { ask, clock, lines, metrics };
}

async function times(count: number, ask: () => Promise<{ status: number }>): Promise<number[]> {
  const told: number[] = [];
  for (let i = 0; i < count; i += 1) told.push((await ask()).status);
  return [...new Set(told)];
}

describe('who guesses passwords', () => {
  it('stops one source, by the right password too and whatever the name, and no other source', async () => {
    const { ask, clock } = api();
    assert.deepEqual(await times(20, () => ask('grace:wrong')), [401]);
    const answers = [await ask('grace:right'), await ask('nobody:wrong'), await ask('grace:wrong')];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [429, 429, 429],
    );
    assert.equal(new Set(answers.map(({ body }) => body)).size, 1, 'one answer for all');
    assert.equal(answers[0]?.headers['Retry-After'], '60');
    assert.equal((await ask('grace:right', '203.0.113.8')).status, 200);
    clock.time += 60_000;
    assert.equal((await ask('grace:right')).status, 200);
  });

  it('counts passwords that come all at once', async () => {
    const { ask } = api();
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask('grace:wrong')));
    const of = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual([of(401), of(429)], [20, 40]);
  });

  it('does not hinder who knows the password, however often it is given, nor who gives none', async () => {
    const { ask } = api();
    assert.deepEqual(await times(100, () => ask('grace:right')), [200]);
    assert.deepEqual(await times(100, () => ask(undefined)), [401]);
    assert.equal((await ask('grace:right')).status, 200);
  });

  it('counts a /64 of IPv6 as one source, in any spelling', async () => {
    const { ask } = api();
    for (let host = 1; host <= 20; host += 1) await ask('grace:wrong', `2001:db8:0:1::${host.toString(16)}`);
    assert.equal((await ask('grace:right', '2001:db8:0:1:ffff::9')).status, 429);
    assert.equal((await ask('grace:right', '2001:0db8::1:0:0:0:5')).status, 429);
    assert.equal((await ask('grace:right', '2001:db8:0:2::1')).status, 200);
  });

  it('is told with the address, is counted, and is told of nowhere by name or password', async () => {
    const { ask, lines, metrics } = api();
    await times(25, () => ask('grace:guess-of-the-day'));
    assert.equal(metrics.counts.get('LoginsRefused'), 25);
    const refused = lines.filter(({ decision }) => decision === 'login-refused');
    assert.equal(refused.length, 25);
    assert.ok(refused.every(({ source }) => source === '203.0.113.7'));
    assert.doesNotMatch(JSON.stringify(lines), /grace|guess-of-the-day/);
  });

  it('meets the same brake before the generated password of a deployment', async () => {
    const secret = { username: 'owner', password: 'x'.repeat(32) };
    const { ask } = api(ownerAuthentication(async () => JSON.stringify(secret)));
    assert.deepEqual(await times(20, () => ask('owner:wrong')), [401]);
    assert.equal((await ask(`owner:${secret.password}`)).status, 429);
    assert.equal((await ask(`owner:${secret.password}`, '203.0.113.8')).status, 200);
  });

  it('does not take longer for a name that does not exist', () => {
    const users: Users = new Map(
      [4, 5, 6].map((cost) => [`user-${cost}`, { hash: hashSync('right', cost), role: 'reader' }] as const),
    );
    const costs = Array.from({ length: 200 }, (_, i) => getRounds(hashFor(`nobody-${i}`, users)));
    assert.deepEqual([...new Set(costs)].sort(), [4, 5, 6], 'an unknown name costs what somebody’s does');
    for (const name of ['nobody-1', 'nobody-2']) {
      assert.equal(hashFor(name, users), hashFor(name, users), 'and the same each time');
    }
    for (const [name, { hash }] of users) assert.equal(hashFor(name, users), hash);
  });
});
