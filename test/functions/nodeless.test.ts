import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { NODELESS_SHAPES } from '../../functions/operator/nodeless/shapes.ts';
import { continueInspection } from '../../shared/agent/inspection.ts';
import { type Answer, faultOf, operatorServer } from './operator-server.ts';

/** A server with a machine in its inbox. */
async function site() {
  const server = operatorServer();
  const given = { ...server.services, configuration: server.services.configuration };
  const held = async (mac: string) => {
    const inventory = {
      interfaces: [{ mac_address: mac }],
      system_vendor: { manufacturer: 'Example', product_name: 'R1', serial_number: `SN-${mac}` },
    };
    await assert.rejects(continueInspection({ inventory }, given), { name: 'NotFound' });
    const { json } = await server.call('GET', `/v1/nodeless/inbox?mac=${mac}`);
    return String(json.inbox[0].uuid);
  };
  return { ...server, held };
}

/** The answer has the shape that the OpenAPI file promises. */
function shaped(handler: string, answer: Answer): Answer {
  const shape = NODELESS_SHAPES[`operator/${handler}`];
  assert.ok(shape, handler);
  assert.equal(answer.status, shape.status, answer.body);
  const checked = shape.answer?.safeParse(answer.json);
  assert.ok(
    checked?.success ?? answer.body === '',
    `${handler}: ${JSON.stringify(checked?.error?.issues)} ${answer.body}`,
  );
  return answer;
}

describe('/v1/nodeless', () => {
  it('answers in the shapes of the OpenAPI file', async () => {
    const { call, held } = await site();
    const [one, other, third] = [
      await held('52:54:00:00:00:01'),
      await held('52:54:00:00:00:02'),
      await held('52:54:00:00:00:03'),
    ];
    shaped('inbox#list', await call('GET', '/v1/nodeless/inbox?limit=2&sort_key=last_seen_at'));
    shaped('inbox#show', await call('GET', `/v1/nodeless/inbox/${one}`));
    const taken = { owner: 'lab', state: 'manageable' };
    const approved = shaped('inbox#approve', await call('POST', `/v1/nodeless/inbox/${one}/approve`, taken));
    shaped('inbox#reject', await call('POST', `/v1/nodeless/inbox/${other}/reject`));
    shaped('inbox#remove', await call('DELETE', `/v1/nodeless/inbox/${other}`));
    const all = shaped('inbox#approve-all', await call('POST', '/v1/nodeless/inbox/approve', { filter: {} }));
    assert.deepEqual(
      all.json.done.map(({ uuid }: { uuid: string }) => uuid),
      [third],
    );
    shaped('inbox#reject-all', await call('POST', '/v1/nodeless/inbox/reject', { filter: { state: 'all' } }));
    shaped('explain#show', await call('GET', `/v1/nodeless/explain/${one}?replay=true`));
    const explained = shaped('explain#show', await call('GET', `/v1/nodeless/explain/${approved.json.node}`));
    assert.deepEqual(explained.json.provide, { ready: false, reason: 'provideWhenPresent is false' });
    const policy = { name: 'gold', outcome: 'enroll', conditions: { vendor: 'Dell*' }, node: { name: '{serial}' } };
    shaped('policies#create', await call('POST', '/v1/nodeless/policies', policy));
    shaped('policies#show', await call('GET', '/v1/nodeless/policies/gold'));
    const change = [{ op: 'replace', path: '/priority', value: 1 }];
    shaped('policies#patch', await call('PATCH', '/v1/nodeless/policies/gold', change));
    shaped('policies#list', await call('GET', '/v1/nodeless/policies'));
    shaped('policies#effective', await call('GET', '/v1/nodeless/policies/effective'));
    shaped('policies#remove', await call('DELETE', '/v1/nodeless/policies/gold'));
    const token = { name: 'rack-7', expires_in_seconds: 60, models: ['R*'] };
    shaped('join-tokens#create', await call('POST', '/v1/nodeless/join_tokens', token));
    shaped('join-tokens#list', await call('GET', '/v1/nodeless/join_tokens'));
    shaped('join-tokens#revoke', await call('DELETE', '/v1/nodeless/join_tokens/rack-7'));
    const shown = shaped('join-tokens#show', await call('GET', '/v1/nodeless/join_tokens/rack-7'));
    assert.equal(shown.json.state, 'revoked');
    shaped('matching#show', await call('GET', '/v1/nodeless/matching'));
  });

  it('asks its policies by priority, and those of the API before those of the configuration', async () => {
    const { call } = await site();
    for (const [name, priority] of [
      ['late', 200],
      ['early', 5],
      ['usual', undefined],
    ] as const) {
      await call('POST', '/v1/nodeless/policies', {
        name,
        outcome: 'hold',
        ...(priority === undefined ? {} : { priority }),
      });
    }
    const { json } = await call('GET', '/v1/nodeless/policies/effective');
    const names = json.policies.map(({ name }: { name: string }) => name);
    assert.deepEqual(names, ['early', 'usual', 'late', 'enrollment.unknown']);
  });

  it('decides again on a machine that a policy enrolled, as it was asked then: without the node that came of it', async () => {
    const { call, services } = await site();
    const replayed = async (node: string) => {
      const { json } = shaped('explain#show', await call('GET', `/v1/nodeless/explain/${node}?replay=true`));
      return json;
    };
    const made = await call('POST', '/v1/nodeless/join_tokens', { name: 'one', uses: 1, models: ['R*'] });
    const inventory = {
      interfaces: [{ mac_address: '52:54:00:00:02:01' }, { mac_address: '52:54:00:00:02:02' }],
      cpu: { count: 64, architecture: 'x86_64' },
      disks: [{ name: '/dev/sda', size: 2 ** 40, serial: 'DISK-1' }],
      system_vendor: { manufacturer: 'Example', product_name: 'R1', serial_number: 'SN-1', asset_tag: 'N/A' },
    };
    const { node } = await continueInspection({ inventory }, services, {
      joinToken: made.json.token,
      address: '10.7.0.1',
    });
    const same = await replayed(node.uuid);
    assert.deepEqual([same.replay.verdict, same.replay.changes], ['enroll', []]);
    const { unknown, ignored } = same.explanation;
    assert.deepEqual(
      unknown.map(({ kind, value }: { kind: string; value: string }) => `${kind} ${value}`),
      ['mac 52:54:00:00:02:01', 'mac 52:54:00:00:02:02', 'system_serial SN-1'],
    );
    assert.equal(ignored[0].kind, 'asset_tag');
    assert.match(same.reasons.join('\n'), /join token one\n(.*\n)*serial number SN-1 is of no node/);

    const conditions = { model: 'R1', network: ['10.7.0.0/16'], cpus: { min: 64 } };
    await call('POST', '/v1/nodeless/policies', { name: 'no-r1', outcome: 'deny', conditions });
    const denied = (await replayed(node.uuid)).replay;
    assert.deepEqual([denied.verdict, denied.changes[0]], ['deny', 'was enrolled, would be denied']);
    await call('DELETE', '/v1/nodeless/join_tokens/one');
    assert.match((await replayed(node.uuid)).replay.outcome, /^denied: join token one was revoked/);

    const patch = [{ op: 'add', path: '/properties', value: { serial_number: 'SN-1' } }];
    const { json: twin } = await call('POST', '/v1/nodes', { driver: 'manual' });
    await call('PATCH', `/v1/nodes/${twin.uuid}`, patch);
    const taken = (await replayed(node.uuid)).replay;
    assert.deepEqual([taken.verdict, taken.changes], ['match', [`was enrolled, would be node ${twin.uuid}`]]);
  });

  it('decides again on a machine that a person let in, also when the inbox has forgotten it', async () => {
    const { call, held } = await site();
    const row = await held('52:54:00:00:03:01');
    const { json } = await call('POST', `/v1/nodeless/inbox/${row}/approve`, {});
    await call('DELETE', `/v1/nodeless/inbox/${row}`);
    const again = shaped('explain#show', await call('GET', `/v1/nodeless/explain/${json.node}?replay=true`));
    assert.deepEqual([again.json.replay.node, again.json.replay.changed], [json.node, false]);
    const { json: made } = await call('POST', '/v1/nodes', { driver: 'manual' });
    const refused = await call('GET', `/v1/nodeless/explain/${made.uuid}?replay=true`);
    assert.match(faultOf(refused), /Nothing is kept of what/);
  });

  it('says of a rejection which lookups it does not hold back', async () => {
    const { call, held, services } = await site();
    const { json: node } = await call('POST', '/v1/nodes', { driver: 'manual', name: 'mine' });
    const mac = '52:54:00:00:04:01';
    await call('POST', '/v1/ports', { node_uuid: node.uuid, address: mac });
    await call('PATCH', `/v1/nodes/${node.uuid}`, [{ op: 'add', path: '/properties/serial_number', value: 'MINE' }]);
    const contradicts = await held(mac);
    const rejected = shaped('inbox#reject', await call('POST', `/v1/nodeless/inbox/${contradicts}/reject`, {}));
    assert.deepEqual(rejected.json.still_answered, [{ node: node.uuid, name: 'mine', macs: [mac] }]);
    const other = await held('52:54:00:00:04:02');
    const filter = { state: 'all' };
    const { json } = shaped('inbox#reject-all', await call('POST', '/v1/nodeless/inbox/reject', { filter }));
    const told = new Map(
      json.done.map((row: { uuid: string; still_answered: unknown[] }) => [row.uuid, row.still_answered]),
    );
    assert.deepEqual([told.get(contradicts), told.get(other)], [rejected.json.still_answered, []]);
    const history = await services.nodes.events(node.uuid);
    assert.deepEqual(history.at(-1)?.event_type, 'conflict');
  });

  it('counts anew what a policy enrols when it was deleted and made again', async () => {
    const { call, services } = await site();
    const given = { ...services, configuration: services.configuration };
    const inspect = (mac: string) =>
      continueInspection({ inventory: { interfaces: [{ mac_address: mac }] } }, given).then(
        () => 'enrolled',
        (error: Error) => error.name,
      );
    const policy = { name: 'one', outcome: 'enroll', limits: { max: 1 } };
    await call('POST', '/v1/nodeless/policies', policy);
    assert.equal(await inspect('52:54:00:00:01:01'), 'enrolled');
    assert.equal(await inspect('52:54:00:00:01:02'), 'NotFound');
    assert.equal((await call('DELETE', '/v1/nodeless/policies/one')).status, 204);
    await call('POST', '/v1/nodeless/policies', policy);
    assert.equal(await inspect('52:54:00:00:01:03'), 'enrolled');
    assert.equal(await inspect('52:54:00:00:01:04'), 'NotFound');
  });

  it('shows a join token once, and keeps, lists and logs none', async () => {
    const { call, tables, lines } = await site();
    const made = await call('POST', '/v1/nodeless/join_tokens', { name: 'rack-7' });
    const { token } = made.json;
    assert.match(token, /^[\w-]{43}$/);
    assert.equal(made.headers['Cache-Control'], 'no-store');
    for (const path of ['', '/rack-7']) {
      assert.ok(!(await call('GET', `/v1/nodeless/join_tokens${path}`)).body.includes(token));
    }
    assert.ok(!JSON.stringify([[...tables.resources], [...tables.claims], lines]).includes(token));
  });

  it('refuses what makes no sense, says why, and stores nothing', async () => {
    const { call, held, tables } = await site();
    const row = await held('52:54:00:00:00:01');
    const before = JSON.stringify([...tables.resources]);
    const refusals: [number, string, string, unknown, RegExp][] = [
      [400, 'POST', 'policies', { name: 'x' }, /outcome is mandatory/],
      [400, 'POST', 'policies', { name: 'x', outcome: 'perhaps' }, /outcome/],
      [400, 'POST', 'policies', { name: 'x', outcome: 'hook' }, /hook/],
      [
        400,
        'POST',
        'policies',
        { name: 'x', outcome: 'hold', conditions: { cpus: { min: 'many' } } },
        /conditions.cpus.min/,
      ],
      [400, 'POST', 'policies', { name: 'x', outcome: 'enroll', node: { name: '{password}' } }, /node.name/],
      [
        400,
        'POST',
        'policies',
        { name: 'x', outcome: 'enroll', node: { driver: 'redfihs' } },
        /node.driver: no such driver/,
      ],
      [
        400,
        'POST',
        'policies',
        { name: 'x', outcome: 'hook', hook: { name: 'feul' } },
        /hook.name: no hook feul is declared.*: none/,
      ],
      [400, 'POST', 'policies', { name: 'x', outcome: 'hold', priority: -1 }, /priority/],
      [400, 'POST', 'policies', [], /JSON object/],
      [404, 'GET', 'policies/none-such', undefined, /could not be found/],
      [400, 'POST', 'join_tokens', { uses: 0 }, /uses/],
      [400, 'POST', 'join_tokens', { uses: 1.5 }, /uses/],
      [400, 'POST', 'join_tokens', { expires_at: 'tomorrow' }, /expires_at/],
      [400, 'POST', 'join_tokens', { expires_at: '2020-01-01T00:00:00Z' }, /future/],
      [400, 'POST', 'join_tokens', { expires_in_seconds: 60, expires_at: '2030-01-01T00:00:00Z' }, /not both/],
      [400, 'POST', 'join_tokens', { hash: 'mine' }, /hash/],
      [400, 'POST', 'join_tokens', { serials: ['SN1..'] }, /serials: SN1\.\.: a range is written from\.\.to/],
      [400, 'POST', 'join_tokens', { serials: ['A*', 'SN9..SN1'] }, /serials: SN9\.\.SN1: .*lower/],
      [400, 'POST', 'join_tokens', { models: ['R1..T2'] }, /models: R1\.\.T2: .*begin alike/],
      [404, 'DELETE', `join_tokens/${randomUUID()}`, undefined, /could not be found/],
      [400, 'GET', 'inbox?state=lost', undefined, /state/],
      [400, 'GET', 'inbox?colour=red', undefined, /colour/],
      [404, 'GET', `inbox/${randomUUID()}`, undefined, /could not be found/],
      [404, 'POST', 'inbox/not-a-uuid/approve', {}, /could not be found/],
      [400, 'POST', `inbox/${row}/approve`, { colour: 'red' }, /colour/],
      [400, 'POST', `inbox/${row}/approve`, { state: 'active' }, /state/],
      [400, 'POST', `inbox/${row}/approve`, { provide_when_present: 'maybe' }, /provide_when_present/],
      [400, 'POST', `inbox/${row}/approve`, { node: randomUUID() }, /could not be found/],
      [400, 'POST', `inbox/${row}/approve`, { node: randomUUID(), owner: 'x' }, /keeps its own settings/],
      [400, 'POST', `inbox/${row}/reject`, { reason: 7 }, /reason/],
      [400, 'POST', 'inbox/approve', {}, /filter/],
      [400, 'POST', 'inbox/reject', { filter: { colour: 'red' } }, /colour/],
      [404, 'GET', 'explain/none-such', undefined, /could not be found/],
    ];
    for (const [status, method, path, body, why] of refusals) {
      const answer = await call(method, `/v1/nodeless/${path}`, body);
      assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(body)}: ${answer.body}`);
      assert.match(faultOf(answer), why);
    }
    assert.equal(JSON.stringify([...tables.resources]), before);
  });
});
