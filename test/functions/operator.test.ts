import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { transition } from '../../shared/lifecycle/transition.ts';
import type { Node } from '../../shared/node/node.ts';
import { faultOf, operatorServer } from './operator-server.ts';

const MAC = '52:54:00:00:00:01';
const NOBODY = '00000000-0000-4000-8000-000000000000';

async function withNode(more: object = {}, version = '1.115') {
  const server = operatorServer();
  const created = await server.call('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'ns~one', ...more }, version);
  assert.equal(created.status, 201, created.body);
  const uuid: string = created.json.uuid;
  const row = async (): Promise<Node> => {
    const node = await server.services.nodes.get(uuid);
    assert.ok(node);
    return node;
  };
  const put = async (change: Partial<Node>) => server.services.nodes.replace({ ...(await row()), ...change });
  return { ...server, uuid, row, put, created };
}

describe('nodes', () => {
  test('create answers the whole node with defaults, Location and links', async () => {
    const { created, uuid } = await withNode();
    assert.equal(created.headers.Location, `http://public/stage/v1/nodes/${uuid}`);
    assert.equal(created.json.provision_state, 'enroll');
    assert.equal(created.json.power_state, null);
    assert.equal(created.json.deploy_interface, 'fake');
    assert.equal(created.json.conductor, 'nodeless');
    assert.deepEqual(created.json.links[0], { href: `http://public/stage/v1/nodes/${uuid}`, rel: 'self' });
    assert.match(created.json.created_at, /\+00:00$/);
    for (const hidden of ['macs', 'version', 'schema', 'run', 'secret_keys', 'run_sequence', 'interfaces']) {
      assert.equal(hidden in created.json, false, hidden);
    }
  });

  test('below 1.11 it starts available, which 1.1 shows as null (T33)', async () => {
    const server = operatorServer();
    const old = await server.call('POST', '/v1/nodes', { driver: 'fake-hardware' }, '1.10');
    assert.equal(old.json.provision_state, 'available');
    const oldest = await server.call('GET', `/v1/nodes/${old.json.uuid}`, undefined, {});
    assert.equal(oldest.json.provision_state, null);
    assert.equal('name' in oldest.json, false);
  });

  test('refuses what is wrong', async () => {
    const { call, uuid } = await withNode({ instance_uuid: NOBODY });
    const cases: [number, object, string?][] = [
      [400, {}],
      [400, { driver: 'nothing' }],
      [400, { driver: 'fake-hardware', colour: 'red' }],
      [400, { driver: 'fake-hardware', power_state: 'power on' }],
      [400, { driver: 'fake-hardware', power_interface: 'ipmitool' }],
      [400, { driver: 'fake-hardware', name: 'detail' }],
      [400, { driver: 'fake-hardware', name: 'a b' }],
      [400, { driver: 'fake-hardware', properties: { cpus: 'many' } }],
      [400, { driver: 'fake-hardware', parent_node: NOBODY }],
      [400, { driver: 'fake-hardware', retired_reason: 'old' }],
      [406, { driver: 'fake-hardware', name: 'x' }, '1.4'],
      [409, { driver: 'fake-hardware', name: 'ns~one' }],
      [409, { driver: 'fake-hardware', uuid }],
      [409, { driver: 'fake-hardware', instance_uuid: NOBODY }],
    ];
    for (const [status, body, version] of cases) {
      const answer = await call('POST', '/v1/nodes', body, version ?? '1.115');
      assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.body}`);
    }
  });

  test('by name, by uuid, without /v1, with a slash; absent is 404', async () => {
    const { call, uuid } = await withNode();
    for (const path of [`/v1/nodes/${uuid}`, '/v1/nodes/ns~one', `/nodes/${uuid}/`, '/v1/nodes/ns%7Eone']) {
      assert.equal((await call('GET', path)).json.uuid, uuid, path);
    }
    assert.equal((await call('GET', `/v1/nodes/${NOBODY}`)).status, 404);
    assert.equal((await call('GET', `/v1/nodes/${uuid}.json`, undefined, '1.90')).status, 200);
    assert.equal((await call('GET', `/v1/nodes/${uuid}.json`, undefined, '1.91')).status, 404);
    assert.equal((await call('PUT', `/v1/nodes/${uuid}`)).status, 405);
    assert.equal((await call('DELETE', '/v1/nodes')).status, 400);
  });

  test('secrets are in the secrets table only, and a mask that comes back changes nothing (T12)', async () => {
    const info = { ipmi_password: 's3cret', ipmi_address: 'bmc', nested: { auth_token: 'deep' } };
    const { call, uuid, services, tables } = await withNode({ driver_info: info });
    const shown = (await call('GET', `/v1/nodes/${uuid}`)).json.driver_info;
    assert.deepEqual(shown, { ipmi_password: '******', ipmi_address: 'bmc', nested: '******' });
    assert.equal(JSON.stringify([...tables.nodes.values()]).includes('s3cret'), false);
    assert.equal(JSON.stringify([...tables.nodes.values()]).includes('deep'), false);
    const patched = await call('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'add', path: '/driver_info', value: { ...shown, ipmi_address: 'other' } },
    ]);
    assert.equal(patched.json.driver_info.ipmi_password, '******');
    assert.deepEqual(await services.secrets.get(uuid), { ipmi_password: 's3cret', nested: { auth_token: 'deep' } });
    await call('PATCH', `/v1/nodes/${uuid}`, [
      { op: 'remove', path: '/driver_info/nested' },
      { op: 'replace', path: '/driver_info/ipmi_password', value: 'new' },
    ]);
    assert.deepEqual(await services.secrets.get(uuid), { ipmi_password: 'new' });
    const twin = { uuid, driver: 'fake-hardware', driver_info: { other_password: 'evil' } };
    assert.equal((await call('POST', '/v1/nodes', twin)).status, 409);
    assert.deepEqual(await services.secrets.get(uuid), { ipmi_password: 'new' }, 'a refused write changes no secret');
    await call('DELETE', `/v1/nodes/${uuid}`);
    assert.deepEqual(await services.secrets.get(uuid), {});
  });

  test("an agent that beats without a token is nobody's once its node does not say so any more", async () => {
    const changes = [
      { op: 'remove', path: '/driver_info/legacy_heartbeat' },
      { op: 'replace', path: '/driver_info/legacy_heartbeat', value: false },
      { op: 'replace', path: '/driver_info', value: {} },
    ];
    for (const change of changes) {
      const { call, uuid, services } = await withNode({ driver_info: { legacy_heartbeat: true } });
      await services.sessions.issue(uuid, 0, { tokenless: true, intervalSeconds: 300, at: 1 });
      const beat = { node: uuid, bootFingerprint: 'boot', at: 2 };
      const boot = { node: uuid, generation: 1, callbackUrl: 'http://10.0.0.5:9999', startedAt: 2 };
      assert.equal((await services.sessions.firstBeat(beat, boot)).accepted, true);
      await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/other', value: 1 }]);
      assert.equal((await services.sessions.beat(beat)).accepted, true, 'it is said still');
      assert.equal((await call('PATCH', `/v1/nodes/${uuid}`, [change])).status, 200);
      assert.equal((await services.sessions.beat(beat)).accepted, false, JSON.stringify(change));
    }
  });

  test('a change of driver_info leaves an agent with a token alone', async () => {
    const { call, uuid, services } = await withNode();
    await services.sessions.issue(uuid, 0, { tokenHash: 'hash', intervalSeconds: 300, at: 1 });
    const before = await services.sessions.get(uuid);
    await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info', value: { ipmi_address: 'bmc' } }]);
    assert.deepEqual(await services.sessions.get(uuid), before);
  });

  test('instance_info hides the config drive and image_url, not image_source', async () => {
    const { call, uuid } = await withNode({
      instance_info: { image_source: 'http://i', image_url: 'http://u', configdrive: 'x' },
    });
    const { instance_info } = (await call('GET', `/v1/nodes/${uuid}`)).json;
    assert.deepEqual(instance_info, { image_source: 'http://i', image_url: '******', configdrive: '******' });
  });

  test('display_name fills an empty instance_name', async () => {
    const { created } = await withNode({ instance_info: { display_name: 'vm' } });
    assert.equal(created.json.instance_name, 'vm');
    const { created: named } = await withNode({ instance_info: { display_name: 'vm' }, instance_name: 'mine' });
    assert.equal(named.json.instance_name, 'mine');
  });

  test('fields, detail and versions', async () => {
    const { call, uuid } = await withNode();
    const some = await call('GET', `/v1/nodes/${uuid}?fields=uuid%2Cname`);
    assert.deepEqual(Object.keys(some.json).sort(), ['links', 'name', 'uuid']);
    assert.equal((await call('GET', `/v1/nodes/${uuid}?fields=colour`)).status, 400);
    assert.equal((await call('GET', '/v1/nodes?fields=health', undefined, '1.108')).status, 406);
    assert.equal((await call('GET', '/v1/nodes?detail=True&fields=uuid')).status, 400);
    assert.equal((await call('GET', '/v1/nodes?detail=True')).json.nodes[0].driver, 'fake-hardware');
    const [short] = (await call('GET', '/v1/nodes')).json.nodes;
    assert.deepEqual(Object.keys(short).sort(), [
      'instance_uuid',
      'links',
      'maintenance',
      'name',
      'power_state',
      'provision_state',
      'uuid',
    ]);
    assert.equal((await call('GET', '/v1/nodes/detail?detail=True')).status, 400);
  });

  test('lists: filters, pages with next that keeps the filter, sorting', async () => {
    const server = operatorServer();
    for (const name of ['c', 'a', 'b']) {
      await server.call('POST', '/v1/nodes', { driver: 'fake-hardware', name, resource_class: 'big' });
    }
    await server.call('POST', '/v1/nodes', { driver: 'manual', name: 'd', owner: 'me' });
    const names = async (query: string) =>
      (await server.call('GET', `/v1/nodes?${query}`)).json.nodes.map(({ name }: { name: string }) => name);
    assert.deepEqual(await names('resource_class=big'), ['c', 'a', 'b']);
    assert.deepEqual(await names('sort_key=name&sort_dir=desc'), ['d', 'c', 'b', 'a']);
    assert.deepEqual(await names('driver=manual&maintenance=False&associated=false'), ['d']);
    assert.deepEqual(await names('maintenance=True'), []);
    const first = (await server.call('GET', '/v1/nodes?resource_class=big&limit=2')).json;
    assert.equal(first.nodes_links[0].href, first.next);
    const next = new URL(first.next);
    assert.ok(next.href.startsWith('http://public/stage/v1/nodes?'));
    assert.deepEqual(await names(next.search.slice(1)), ['b']);
    for (const bad of [
      'limit=0',
      'limit=-1',
      'marker=x',
      'sort_key=extra',
      'sort_dir=up',
      'colour=red',
      'associated=2',
      'provision_state=x',
      'fault=x',
    ]) {
      assert.equal((await server.call('GET', `/v1/nodes?${bad}`)).status, 400, bad);
    }
    assert.equal((await server.call('GET', `/v1/nodes?marker=${NOBODY}`)).status, 404);
    assert.equal((await server.call('GET', '/v1/nodes?shard=x', undefined, '1.81')).status, 406);
  });
});

describe('patch', () => {
  const patch = (path: string, value?: unknown, op = 'add') => [
    value === undefined ? { op, path } : { op, path, value },
  ];

  test('adds, replaces, removes, resets, all or nothing', async () => {
    const { call, uuid } = await withNode({ extra: { a: 1 } });
    const url = `/v1/nodes/${uuid}`;
    assert.deepEqual((await call('PATCH', url, patch('/extra/b/0', 1, 'replace'))).status, 400);
    assert.deepEqual((await call('PATCH', url, patch('/extra/b', [1]))).json.extra, { a: 1, b: [1] });
    assert.deepEqual((await call('PATCH', url, patch('/extra/b/-', 2))).json.extra.b, [1, 2]);
    const half = [...patch('/extra/c', 1), ...patch('/extra/none', undefined, 'remove')];
    assert.equal((await call('PATCH', url, half)).status, 400);
    assert.equal((await call('GET', url)).json.extra.c, undefined);
    assert.deepEqual((await call('PATCH', url, patch('/extra', undefined, 'remove'))).json.extra, {});
    assert.equal((await call('PATCH', url, patch('/name', undefined, 'remove'))).json.name, null);
    assert.equal((await call('PATCH', url, [])).status, 200);
    assert.equal((await call('PATCH', url, patch('/maintenance', 'True'))).json.maintenance, true);
    for (const name of ['direct', 'custom-agent']) {
      assert.equal((await call('PATCH', url, patch('/deploy_interface', name))).json.deploy_interface, name);
    }
    assert.equal(
      (await call('PATCH', url, patch('/deploy_interface', undefined, 'remove'))).json.deploy_interface,
      'fake',
    );
  });

  test('refuses', async () => {
    const { call, uuid, put } = await withNode();
    const cases: [number, unknown, string?][] = [
      [400, { op: 'add' }],
      [400, [{ op: 'test', path: '/extra/a', value: 1 }]],
      [400, [{ op: 'add', path: '/extra/a', value: 1, from: '/x' }]],
      [400, patch('/extra/a')],
      [400, patch('/extra/a b', 1)],
      [400, patch('/uuid', NOBODY)],
      [400, patch('/traits', [])],
      [400, patch('/colour', 1)],
      [400, patch('/name', '')],
      [400, patch('/driver', undefined, 'remove')],
      [400, patch('/maintenance', undefined, 'remove')],
      [400, patch('/instance_uuid', 'x')],
      [400, patch('/protected_reason', 'why')],
      [400, patch('/driver', 'nothing')],
      [400, patch('/deploy_interface', 'custom')],
      [409, patch('/protected', true)],
      [406, patch('/owner', 'me'), '1.49'],
    ];
    for (const [status, body, version] of cases) {
      const answer = await call('PATCH', `/v1/nodes/${uuid}`, body, version ?? '1.115');
      assert.equal(answer.status, status, `${JSON.stringify(body)} ${answer.body}`);
    }
    assert.equal((await call('PATCH', `/v1/nodes/${uuid}?reset_interfaces=True`, patch('/extra/a', 1))).status, 400);
    await put({ provision_state: 'available' });
    assert.equal((await call('PATCH', `/v1/nodes/${uuid}`, patch('/retired', true))).status, 409);
  });

  test('states and locks', async () => {
    const { call, uuid, put } = await withNode({ resource_class: 'a', instance_uuid: NOBODY });
    const url = `/v1/nodes/${uuid}`;
    assert.equal((await call('PATCH', url, patch('/instance_uuid', uuid))).status, 409, 'must be removed first');
    await put({ provision_state: 'active' });
    assert.equal((await call('PATCH', url, patch('/deploy_interface', 'direct'))).status, 409);
    assert.equal((await call('PATCH', url, patch('/resource_class', 'b'))).status, 409);
    assert.equal((await call('PATCH', url, patch('/extra/a', 1))).status, 200);
    await put({ provision_state: 'wait call-back', target_provision_state: 'active' });
    assert.equal((await call('PATCH', url, patch('/extra/a', 1))).status, 409);
    await put({ provision_state: 'deploying', reservation: 'nodeless', maintenance: true });
    assert.equal((await call('PATCH', url, patch('/extra/a', 1))).status, 409);
    assert.equal((await call('PATCH', url, patch('/instance_uuid', undefined, 'remove'))).status, 200, 'T22');
  });

  test('a driver change keeps what fits, or resets', async () => {
    const { call, uuid } = await withNode();
    const url = `/v1/nodes/${uuid}`;
    assert.equal(
      (await call('PATCH', url, patch('/driver', 'manual'))).status,
      400,
      'fake is not an interface of manual',
    );
    const reset = await call('PATCH', `${url}?reset_interfaces=True`, patch('/driver', 'manual'));
    assert.deepEqual([reset.status, reset.json.power_interface], [200, 'manual']);
  });
});

describe('delete', () => {
  test('guards', async () => {
    const { call, uuid, put } = await withNode({ instance_uuid: NOBODY });
    const remove = async () => (await call('DELETE', `/v1/nodes/${uuid}`)).status;
    assert.equal(await remove(), 409, 'has an instance');
    await put({ instance_uuid: null, provision_state: 'active' });
    assert.equal(await remove(), 409, 'state');
    await put({ maintenance: true, protected: true });
    assert.equal(await remove(), 403, 'protected, also in maintenance');
    await put({ protected: false, reservation: 'nodeless' });
    assert.equal(await remove(), 409, 'locked');
    await put({ reservation: null });
    await call('POST', '/v1/ports', { node_uuid: uuid, address: MAC });
    assert.equal(await remove(), 204);
    assert.deepEqual((await call('GET', `/v1/ports?address=${MAC}`)).json.ports, []);
  });
});

describe('provision', () => {
  test('the new state is readable when the 202 leaves, with an empty body (T1, T2)', async () => {
    const { call, uuid, started, row } = await withNode();
    const answer = await call('PUT', '/v1/nodes/ns~one/states/provision', { target: 'manage' });
    assert.equal(answer.status, 202);
    assert.equal(answer.body, '');
    assert.equal('Content-Type' in answer.headers, false);
    assert.equal(answer.headers.Location, 'http://public/stage/v1/nodes/ns~one/states');
    const node = (await call('GET', `/v1/nodes/${uuid}`)).json;
    assert.deepEqual(
      [node.provision_state, node.target_provision_state, node.reservation],
      ['verifying', 'manageable', 'nodeless'],
    );
    assert.equal(started.length, 1);
    assert.match(started[0] ?? '', new RegExp(`^${uuid}-[0-9a-z]+-1$`));
    assert.equal((await row()).run?.flow, 'verify');
    const history = (await call('GET', `/v1/nodes/${uuid}/history?detail=True`)).json.history;
    assert.ok(history.some(({ event }: { event: string }) => event.includes('manage')));
    const again = await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' });
    assert.equal(again.status, 409, 'locked');
  });

  test('refuses', async () => {
    const { call, uuid, put, started } = await withNode();
    const ask = async (body: object, version = '1.115') =>
      (await call('PUT', `/v1/nodes/${uuid}/states/provision`, body, version)).status;
    const clean = { target: 'clean', clean_steps: [{ interface: 'deploy', step: 'erase_devices' }] };
    const cases: [number, object, string?][] = [
      [400, {}],
      [400, { target: 'fly' }],
      [400, { target: 'manage', colour: 1 }],
      [400, { target: 'provide' }],
      [406, { target: 'manage' }, '1.3'],
      [400, { target: 'undeploy' }, '1.72'],
      [406, { target: 'rescue' }, '1.37'],
    ];
    for (const [status, body, version] of cases) assert.equal(await ask(body, version), status, JSON.stringify(body));
    await put({ provision_state: 'manageable' });
    assert.equal(await ask({ target: 'clean' }), 400);
    assert.equal(await ask({ target: 'clean', clean_steps: [] }), 400);
    assert.equal(await ask({ target: 'clean', clean_steps: [{ interface: 'tape', step: 'x' }] }), 400);
    assert.equal(await ask({ ...clean, rescue_password: 'x' }), 400);
    await put({ maintenance: true });
    assert.equal(await ask(clean), 400, 'maintenance');
    await put({ maintenance: false, retired: true });
    assert.equal(await ask({ target: 'provide' }), 400, 'retired');
    await put({ retired: false, provision_state: 'active', protected: true });
    assert.equal(await ask({ target: 'deleted' }), 403);
    assert.equal(await ask({ target: 'rebuild' }), 403);
    assert.equal(await ask({ target: 'rescue' }), 400, 'password');
    await put({ provision_state: 'available', protected: false });
    assert.equal(await ask({ target: 'active', configdrive: 'not base64!' }), 400);
    assert.equal(await ask({ target: 'active', configdrive: { colour: {} } }), 400);
    assert.equal(await ask({ target: 'active', configdrive: { meta_data: {} } }, '1.55'), 400);
    assert.deepEqual(started, [], 'nothing was started');
  });

  test('a deploy of an image that cannot be written is refused before it starts, where an agent would write it', async () => {
    const image = { image_source: 'http://i', image_checksum: 'c' };
    for (const [instance_info, why] of [
      [{}, /Failed to validate deploy interface.*image_source/],
      [{ ...image, image_type: 'partition' }, /Failed to validate deploy interface.*only whole-disk images/],
      [{ ...image, image_checksum: 'a'.repeat(32) }, /Failed to validate deploy interface.*MD5.*allowMd5Checksum/],
    ] as const) {
      const { call, uuid, put, started, row } = await withNode({ deploy_interface: 'direct' });
      const deploy = () => call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
      await put({ provision_state: 'available', instance_info });
      const answer = await deploy();
      assert.equal(answer.status, 400);
      assert.match(faultOf(answer), why);
      const { deploy: verdict } = (await call('GET', `/v1/nodes/${uuid}/validate`)).json;
      assert.equal(verdict.result, false);
      assert.ok(faultOf(answer).endsWith(verdict.reason));
      assert.deepEqual(started, []);
      await put({ interfaces: { ...(await row()).interfaces, deploy_interface: 'fake' } });
      assert.equal((await deploy()).status, 202, 'pretended hardware takes everything');
    }
  });

  test('a config drive that cannot be handed on is refused before anything starts', async () => {
    const { call, uuid, put, started } = await withNode({ deploy_interface: 'direct' });
    await put({ provision_state: 'available', instance_info: { image_source: 'http://i', image_checksum: 'c' } });
    const ask = async (configdrive: unknown) => {
      const answer = await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active', configdrive });
      return [answer.status, answer.body] as const;
    };
    const noise = randomBytes(4_000_000).toString('base64');
    for (const large of ['A'.repeat(5_000_000), { user_data: noise }]) {
      const [status, why] = await ask(large);
      assert.equal(status, 413);
      assert.match(why, /put a larger one on a web server and give its URL/);
    }
    assert.deepEqual(started, []);
  });

  test('a config drive given as JSON is built, kept outside the row, and shown to nobody', async () => {
    const { call, uuid, put, started, row } = await withNode({ deploy_interface: 'direct' });
    await put({ provision_state: 'available', instance_info: { image_source: 'http://i', image_checksum: 'c' } });
    const configdrive = { meta_data: { hostname: 'n7' }, user_data: '#!/bin/sh\necho geheim' };
    const answer = await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active', configdrive });
    assert.equal(answer.status, 202);
    assert.equal(started.length, 1);
    assert.match(String((await row()).instance_info.configdrive), /^nodeless-document:configdrives\//);
    const shown = (await call('GET', `/v1/nodes/${uuid}`)).json;
    assert.equal((shown.instance_info as { configdrive: string }).configdrive, '******');
  });

  test('immediate verbs only write', async () => {
    const { call, uuid, put, started } = await withNode();
    await put({ provision_state: 'clean failed', target_provision_state: 'available', last_error: 'x' });
    assert.equal((await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'manage' })).status, 202);
    const states = (await call('GET', `/v1/nodes/${uuid}/states`)).json;
    assert.deepEqual([states.provision_state, states.target_provision_state], ['manageable', null]);
    assert.deepEqual(started, []);
  });

  test('an abort ends the run and says aborted; too old a client may not', async () => {
    const { call, uuid, put, row } = await withNode();
    await put({ provision_state: 'available' });
    await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
    await put(transition(await row(), 'wait', { at: '2026-01-01T00:00:00Z' }));
    const abort = (version: string) => call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'abort' }, version);
    assert.equal((await abort('1.109')).status, 406);
    assert.equal((await abort('1.110')).status, 202);
    const node = await row();
    assert.deepEqual([node.provision_state, node.run?.ended?.result], ['deploy failed', 'failed']);
    assert.match(node.last_error ?? '', /aborted/);
  });

  test('power', async () => {
    const { call, uuid, put } = await withNode({ disable_power_off: true });
    const power = async (body: object, version = '1.115') =>
      (await call('PUT', `/v1/nodes/${uuid}/states/power`, body, version)).status;
    assert.equal(await power({ target: 'on' }), 400);
    assert.equal(await power({ target: 'power on', timeout: 0 }), 400);
    assert.equal(await power({ target: 'soft rebooting' }, '1.26'), 406);
    assert.equal(await power({ target: 'power off' }), 409);
    assert.equal(await power({ target: 'power on' }), 202);
    assert.equal((await call('GET', `/v1/nodes/${uuid}/states`)).json.power_state, 'power on');
    await put({ reservation: 'nodeless' });
    assert.equal(await power({ target: 'power on' }), 409);
    await put({ reservation: null, provision_state: 'clean wait' });
    assert.equal(await power({ target: 'power on' }), 400);
  });
});

describe('ports', () => {
  test('life of a port', async () => {
    const { call, uuid } = await withNode();
    const port = await call('POST', '/v1/ports', { node_uuid: uuid, address: MAC.toUpperCase(), pxe_enabled: 'true' });
    assert.equal(port.status, 201, port.body);
    assert.deepEqual([port.json.address, port.json.pxe_enabled], [MAC, true]);
    for (const query of [`address=${encodeURIComponent(MAC.toUpperCase())}`, 'node=ns~one', `node_uuid=${uuid}`]) {
      assert.equal((await call('GET', `/v1/ports?${query}`)).json.ports.length, 1, query);
    }
    assert.equal((await call('GET', '/v1/nodes/ns~one/ports')).json.ports[0].uuid, port.json.uuid);
    const url = `/v1/ports/${port.json.uuid}`;
    assert.deepEqual((await call('PATCH', url, [{ op: 'add', path: '/extra/a', value: 1 }])).json.extra, { a: 1 });
    assert.equal((await call('DELETE', url)).status, 204);
    assert.equal((await call('GET', url)).status, 404);
  });

  test('refuses', async () => {
    const { call, uuid, put } = await withNode();
    const port = (await call('POST', '/v1/ports', { node_uuid: uuid, address: MAC })).json;
    const taken = await call('POST', '/v1/ports', { node_uuid: uuid, address: MAC.toUpperCase() });
    assert.equal(taken.status, 409);
    assert.match(faultOf(taken), /MAC address .* already exists/);
    const named = { node_uuid: uuid, name: 'uplink' };
    const both = ['52:54:00:00:00:08', '52:54:00:00:00:09'].map((address) =>
      call('POST', '/v1/ports', { ...named, address }),
    );
    assert.deepEqual((await Promise.all(both)).map(({ status }) => status).sort(), [201, 409]);
    assert.equal((await call('GET', '/v1/ports/uplink')).status, 200);
    const renamed = await call('PATCH', `/v1/ports/${port.uuid}`, [{ op: 'add', path: '/name', value: 'uplink' }]);
    assert.match(faultOf(renamed), /A port with name uplink already exists/);
    const cases: [number, object, string?][] = [
      [400, { node_uuid: NOBODY, address: '52:54:00:00:00:02' }],
      [400, { node_uuid: uuid }],
      [400, { address: '52:54:00:00:00:02' }],
      [400, { node_uuid: uuid, address: '52-54-00-00-00-02' }],
      [400, { node_uuid: uuid, address: '52:54:00:00:00:02', local_link_connection: { port_id: 'x' } }],
      [406, { node_uuid: uuid, address: '52:54:00:00:00:02', name: 'x' }, '1.87'],
    ];
    for (const [status, body, version] of cases) {
      assert.equal((await call('POST', '/v1/ports', body, version ?? '1.115')).status, status, JSON.stringify(body));
    }
    const url = `/v1/ports/${port.uuid}`;
    assert.equal((await call('GET', `/v1/ports/${MAC}`)).status, 400);
    assert.equal((await call('DELETE', '/v1/ports/name')).status, 400);
    assert.equal((await call('GET', `/v1/ports?node=${uuid}&shard=x`)).status, 403);
    assert.equal((await call('GET', `/v1/ports?node=${NOBODY}`)).status, 404);
    assert.equal((await call('GET', '/v1/ports?address=x')).status, 400);
    assert.equal((await call('PATCH', url, [{ op: 'remove', path: '/address' }])).status, 400);
    await put({ provision_state: 'available' });
    const wire = [{ op: 'add', path: '/pxe_enabled', value: false }];
    assert.equal((await call('PATCH', url, wire)).status, 409, 'T15');
    await put({ provision_state: 'active' });
    assert.equal((await call('PATCH', url, [{ op: 'add', path: '/address', value: '52:54:00:00:00:03' }])).status, 409);
    await put({ maintenance: true });
    assert.equal((await call('PATCH', url, wire)).status, 200);
    await put({ reservation: 'nodeless' });
    assert.equal((await call('DELETE', url)).status, 409);
  });
});

describe('the rest of a node', () => {
  test('maintenance', async () => {
    const { call, uuid, put } = await withNode();
    const url = `/v1/nodes/${uuid}/maintenance`;
    assert.equal((await call('PUT', url, { reason: 'disk' })).status, 202);
    assert.equal((await call('GET', `/v1/nodes/${uuid}`)).json.maintenance_reason, 'disk');
    assert.equal((await call('PUT', url)).status, 202);
    assert.equal((await call('GET', `/v1/nodes/${uuid}`)).json.maintenance_reason, null);
    assert.equal((await call('PUT', url, { why: 'x' })).status, 400);
    await put({ fault: 'clean failure' });
    assert.equal((await call('DELETE', url)).status, 202);
    const node = (await call('GET', `/v1/nodes/${uuid}`)).json;
    assert.deepEqual([node.maintenance, node.fault], [false, null]);
    await put({ reservation: 'nodeless' });
    assert.equal((await call('PUT', url)).status, 409);
  });

  test('traits', async () => {
    const { call, uuid } = await withNode();
    const url = `/v1/nodes/${uuid}/traits`;
    assert.equal((await call('PUT', url, { traits: ['CUSTOM_B', 'CUSTOM_A'] })).status, 204);
    assert.deepEqual((await call('GET', url)).json.traits, ['CUSTOM_A', 'CUSTOM_B']);
    assert.equal((await call('PUT', `${url}/HW_CPU_X86_VMX`)).status, 204);
    assert.equal((await call('PUT', `${url}/custom`)).status, 400);
    assert.equal((await call('PUT', `${url}/CUSTOM_C`, { a: 1 })).status, 400);
    assert.equal((await call('DELETE', `${url}/CUSTOM_C`)).status, 404);
    assert.equal((await call('DELETE', url)).status, 204);
    for (const [method, status] of [
      ['GET', 406],
      ['PUT', 405],
      ['DELETE', 404],
    ] as const) {
      assert.equal((await call(method, url, method === 'PUT' ? { traits: [] } : undefined, '1.36')).status, status);
    }
  });

  test('validate, boot device, history, conductors', async () => {
    const { call, uuid } = await withNode();
    const verdicts = (await call('GET', `/v1/nodes/${uuid}/validate`)).json;
    for (const name of ['boot', 'deploy', 'power', 'management']) assert.equal(verdicts[name].result, true, name);
    const boot = `/v1/nodes/${uuid}/management/boot_device`;
    assert.equal((await call('PUT', boot, { boot_device: 'disk', persistent: 'true' })).status, 204);
    assert.deepEqual((await call('GET', boot)).json, { boot_device: 'disk', persistent: true });
    assert.equal((await call('PUT', boot, { boot_device: 'tape' })).status, 400);
    const [event] = (await call('GET', `/v1/nodes/${uuid}/history`)).json.history;
    assert.equal((await call('GET', `/v1/nodes/${uuid}/history/${event.uuid}`)).json.event_type, 'edited');
    assert.equal((await call('GET', `/v1/nodes/${uuid}/history/${NOBODY}`)).status, 404);
    assert.equal((await call('GET', `/v1/nodes/${uuid}/history`, undefined, '1.77')).status, 404);
    assert.equal((await call('GET', '/v1/conductors')).json.conductors[0].alive, true);
    assert.equal((await call('GET', '/v1/conductors/other')).status, 404);
    assert.equal((await call('GET', '/v1/conductors', undefined, '1.48')).status, 404);
    assert.equal((await call('GET', '/v1/drivers')).json.drivers[0].name, 'fake-hardware');
  });

  test('children, shards, inventory, RAID and what no driver can do', async () => {
    const { call, uuid, services } = await withNode({ shard: 'left' });
    const child = (await call('POST', '/v1/nodes', { driver: 'fake-hardware', parent_node: 'ns~one' })).json;
    assert.equal(child.parent_node, uuid);
    assert.deepEqual((await call('GET', `/v1/nodes/${uuid}/children`)).json.children, [child.uuid]);
    assert.equal((await call('GET', '/v1/nodes')).json.nodes.length, 1, 'children are left out of lists');
    const { shards } = (await call('GET', '/v1/shards')).json;
    assert.deepEqual(shards, [
      { name: 'None', count: 1 },
      { name: 'left', count: 1 },
    ]);
    assert.equal((await call('GET', `/v1/nodes/${uuid}/inventory`)).status, 404);
    const stored = { inventory: { cpu: { count: 1 } }, plugin_data: {} };
    await services.documents.put(`inventory/${uuid}.json`, Buffer.from(JSON.stringify(stored)), 'application/json');
    assert.deepEqual((await call('GET', `/v1/nodes/${uuid}/inventory`)).json, stored);
    const raid = `/v1/nodes/${uuid}/states/raid`;
    assert.equal((await call('PUT', raid, { logical_disks: [{ size_gb: 'MAX', raid_level: '1' }] })).status, 204);
    assert.equal((await call('PUT', raid, { logical_disks: [{ size_gb: 'MIN', raid_level: '1' }] })).status, 400);
    assert.equal((await call('PUT', raid, {}, '1.11')).status, 406);
    const console = `/v1/nodes/${uuid}/states/console`;
    assert.equal((await call('PUT', console, { enabled: true })).status, 202);
    assert.deepEqual((await call('GET', console)).json, { console_enabled: true, console_info: {} });
    assert.equal((await call('PUT', `/v1/nodes/${uuid}/management/inject_nmi`, {})).status, 400);
  });

  test('a sub-resource may stand in front of its node, and a query may name it (T10)', async () => {
    const { call, uuid } = await withNode();
    const off = { console_enabled: false, console_info: null };
    assert.deepEqual((await call('GET', `/v1/nodes/states/console/${uuid}`)).json, off);
    assert.equal((await call('GET', `/nodes/states/${uuid}`)).status, 200);
    assert.equal((await call('PUT', `/v1/nodes/maintenance/${uuid}`, {})).status, 202);
    assert.equal((await call('GET', `/v1/nodes/${uuid}?fields=maintenance`)).json.maintenance, true);
    assert.equal((await call('GET', `/v1/nodes/validate?node=${uuid}`)).json.power.result, true);
    assert.equal((await call('GET', '/v1/nodes/validate')).status, 400);
    assert.equal((await call('GET', '/v1/nodes/validate?node=nobody')).status, 404);
    assert.equal((await call('GET', '/v1/nodes/states/console')).status, 404);
  });

  test('lamps are listed, and no driver switches one', async () => {
    const { call, uuid } = await withNode();
    const url = `/v1/nodes/${uuid}/management/indicators`;
    const [lamp] = (await call('GET', url)).json.indicators;
    assert.equal(lamp.links[0].href, `http://public/stage${url}/led-0@chassis`);
    assert.equal((await call('PUT', `${url}/led@system`, { state: 'ON' })).status, 400);
    assert.equal((await call('GET', `${url}/led`)).status, 400);
    assert.equal((await call('GET', url, undefined, '1.62')).status, 404);
  });

  test('VIFs, BIOS settings and firmware of drivers that have none', async () => {
    const { call, uuid } = await withNode();
    const url = `/v1/nodes/${uuid}`;
    assert.deepEqual((await call('GET', `${url}/vifs`)).json, { vifs: [] });
    assert.equal((await call('POST', `${url}/vifs`, { id: NOBODY })).status, 204);
    assert.equal((await call('POST', `${url}/vifs`, {})).status, 400);
    assert.equal((await call('DELETE', `${url}/vifs/${NOBODY}`)).status, 204);
    assert.equal((await call('GET', `/v1/nodes/${NOBODY}/vifs`)).status, 404);
    assert.equal((await call('GET', `${url}/vifs`, undefined, '1.27')).status, 404);
    assert.deepEqual((await call('GET', `${url}/bios?detail=true`)).json, { bios: [] });
    assert.equal((await call('GET', `${url}/bios/x`)).status, 404);
    assert.deepEqual((await call('GET', `${url}/firmware`)).json, { firmware: [] });
    assert.equal((await call('GET', `${url}/firmware`, undefined, '1.85')).status, 404);
  });

  test('virtual media: pretended on fake management, noted as an error elsewhere', async () => {
    const { call, uuid } = await withNode();
    const url = `/v1/nodes/${uuid}/vmedia`;
    assert.equal((await call('POST', url, { device_type: 'cdrom', image_url: 'http://i' })).status, 204);
    assert.equal((await call('POST', url, { device_type: 'tape', image_url: 'http://i' })).status, 400);
    assert.equal((await call('DELETE', url, { device_types: ['cdrom'] })).status, 204);
    assert.equal((await call('DELETE', `${url}?device_types=cdrom,disk`)).status, 204);
    assert.equal((await call('DELETE', `${url}?device_types=tape`)).status, 400);
    assert.equal((await call('PUT', url, {})).status, 405);
    const manual = `/v1/nodes/${(await call('POST', '/v1/nodes', { driver: 'manual' })).json.uuid}`;
    assert.equal((await call('GET', `${manual}/vmedia`)).status, 400);
    for (const [method, body, said] of [
      ['POST', { device_type: 'cdrom', image_url: 'http://i' }, /attach device cdrom.*manual does not support/],
      ['DELETE', {}, /detach.*manual does not support/],
    ] as const) {
      assert.equal((await call(method, `${manual}/vmedia`, body)).status, 204, 'clients take it for asynchronous');
      assert.match((await call('GET', manual)).json.last_error, said);
    }
    assert.equal((await call('GET', `${manual}/history`)).json.history.length, 3);
  });
});
