import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { faultOf, operatorServer } from './operator-server.ts';

let site = operatorServer();
let node = '';
const call: ReturnType<typeof operatorServer>['call'] = (...given) => site.call(...given);
const status = async (...given: Parameters<typeof call>) => (await call(...given)).status;

async function made(path: string, body: object): Promise<string> {
  const answer = await call('POST', path, body);
  assert.equal(answer.status, 201, answer.body);
  assert.equal(answer.headers.Location, `http://public/stage${path}/${answer.json.uuid}`);
  return answer.json.uuid;
}
const aNode = (more: object = {}) => made('/v1/nodes', { driver: 'fake-hardware', ...more });
const put = (path: string, value: unknown) => [{ op: 'add', path, value }];

async function power(uuid: string, power_state: 'power on' | 'power off' | null, state?: 'active' | 'available') {
  const row = await site.services.nodes.get(uuid);
  assert.ok(row);
  await site.services.nodes.replace({ ...row, power_state, provision_state: state ?? row.provision_state });
}
async function lock(uuid: string) {
  const row = await site.services.nodes.get(uuid);
  assert.ok(row);
  await site.services.nodes.replace({ ...row, reservation: 'somebody' });
}

beforeEach(async () => {
  site = operatorServer();
  node = await aNode({ name: 'one' });
});

test('a chassis is created, shown, listed, changed and deleted', async () => {
  const uuid = randomUUID();
  await made('/v1/chassis', { uuid, description: 'rack 1' });
  const { json } = await call('GET', `/v1/chassis/${uuid}`);
  const { created_at, links, nodes, ...rest } = json;
  assert.deepEqual(rest, { uuid, description: 'rack 1', extra: {}, updated_at: null });
  assert.match(created_at, /\+00:00$/);
  assert.equal(links[0].href, `http://public/stage/v1/chassis/${uuid}`);
  assert.equal(nodes[0][0].href, `http://public/stage/v1/chassis/${uuid}/nodes`);
  const short = (await call('GET', '/v1/chassis')).json.chassis;
  assert.deepEqual(short, [{ uuid, description: 'rack 1', links }]);
  assert.deepEqual((await call('GET', '/v1/chassis/detail')).json.chassis, [json]);
  assert.deepEqual((await call('GET', '/v1/chassis?detail=True')).json.chassis, [json]);
  assert.deepEqual((await call('GET', '/v1/chassis?fields=extra')).json.chassis, [{ extra: {}, links }]);
  const patched = await call('PATCH', `/v1/chassis/${uuid}`, [
    ...put('/extra/a', 1),
    { op: 'remove', path: '/description' },
  ]);
  assert.equal(patched.status, 200);
  assert.deepEqual([patched.json.extra, patched.json.description], [{ a: 1 }, null]);
  assert.match(patched.json.updated_at, /^2026/);
  assert.equal(await status('DELETE', `/v1/chassis/${uuid}`), 204);
  assert.equal(await status('GET', `/v1/chassis/${uuid}`), 404);
});

test('a chassis refuses what is wrong', async () => {
  const uuid = await made('/v1/chassis', {});
  assert.equal(await status('POST', '/v1/chassis', { uuid }), 409);
  assert.equal(await status('POST', '/v1/chassis', { description: 'x'.repeat(256) }), 400);
  assert.equal(await status('POST', '/v1/chassis', { colour: 'red' }), 400);
  assert.equal(await status('POST', '/v1/chassis', { uuid: 'x' }), 400);
  assert.equal(await status('GET', '/v1/chassis/rack-1'), 400);
  assert.equal(await status('PATCH', `/v1/chassis/${uuid}`, put('/uuid', randomUUID())), 400);
  assert.equal(await status('PATCH', `/v1/chassis/${randomUUID()}`, put('/description', 'x')), 404);
  assert.equal(await status('GET', '/v1/chassis?fields=colour'), 400);
  assert.equal(await status('GET', '/v1/chassis?fields=uuid&detail=true'), 400);
  assert.equal(await status('GET', '/v1/chassis/detail?fields=uuid'), 400);
  assert.equal(await status('GET', '/v1/chassis?detail=true', undefined, '1.42'), 406);
  assert.equal(await status('GET', '/v1/chassis?sort_key=extra'), 400);
  assert.equal(await status('GET', `/v1/chassis?marker=${randomUUID()}`), 404);
});

test('a full chassis stays, and a node belongs to one that exists', async () => {
  const chassis = await made('/v1/chassis', {});
  const inside = await aNode({ chassis_uuid: chassis });
  const listed = async (path: string) => (await call('GET', path)).json.nodes.map(({ uuid }: { uuid: string }) => uuid);
  assert.deepEqual(await listed(`/v1/chassis/${chassis}/nodes`), [inside]);
  assert.deepEqual(await listed(`/v1/chassis/${chassis}/nodes/detail`), [inside]);
  assert.deepEqual(await listed(`/v1/nodes?chassis_uuid=${chassis}`), [inside]);
  assert.equal(await status('GET', `/v1/chassis/${randomUUID()}/nodes`), 404);
  assert.equal(await status('DELETE', `/v1/chassis/${chassis}`), 400);
  const nowhere = randomUUID();
  assert.equal(await status('POST', '/v1/nodes', { driver: 'fake-hardware', chassis_uuid: nowhere }), 400);
  assert.equal(await status('PATCH', `/v1/nodes/${node}`, put('/chassis_uuid', nowhere)), 400);
  assert.equal(await status('PATCH', `/v1/nodes/${node}`, put('/chassis_uuid', chassis)), 200);
  for (const uuid of [inside, node]) assert.equal(await status('DELETE', `/v1/nodes/${uuid}`), 204);
  assert.equal(await status('DELETE', `/v1/chassis/${chassis}`), 204);
});

test('a list of resources has pages whose next one keeps the filters', async () => {
  const all = [await made('/v1/chassis', {}), await made('/v1/chassis', {})];
  const first = (await call('GET', '/v1/chassis?limit=1&fields=uuid')).json;
  assert.equal(first.next, `http://public/stage/v1/chassis?limit=1&fields=uuid&marker=${all[0]}`);
  const second = (await call('GET', first.next.replace('http://public/stage', ''))).json;
  assert.equal(second.chassis[0].uuid, all[1]);
});

test('a port group is found by UUID and name, and holds ports of its node', async () => {
  const group = await made('/v1/portgroups', { node_uuid: node, name: 'bond0', address: '52:54:00:AA:00:01' });
  const shown = (await call('GET', '/v1/portgroups/bond0')).json;
  assert.equal(shown.uuid, group);
  assert.equal(shown.address, '52:54:00:aa:00:01');
  assert.deepEqual([shown.mode, shown.standalone_ports_supported, shown.properties], ['active-backup', true, {}]);
  const [short] = (await call('GET', '/v1/portgroups')).json.portgroups;
  assert.deepEqual(Object.keys(short).sort(), ['address', 'links', 'name', 'uuid']);
  const port = await made('/v1/ports', { node_uuid: node, address: '52:54:00:aa:00:02', portgroup_uuid: group });
  for (const path of [
    '/v1/portgroups/bond0/ports',
    '/v1/portgroups/bond0/ports/detail',
    '/v1/ports?portgroup=bond0',
    `/v1/ports?portgroup=${group}`,
  ]) {
    assert.equal((await call('GET', path)).json.ports[0].uuid, port, path);
  }
  assert.equal((await call('GET', '/v1/nodes/one/portgroups')).json.portgroups[0].uuid, group);
  assert.deepEqual((await call('GET', '/v1/nodes/one/portgroups/detail')).json.portgroups, [shown]);
  assert.equal(await status('DELETE', '/v1/portgroups/bond0'), 400);
  assert.equal(await status('DELETE', `/v1/ports/${port}`), 204);
  assert.equal(await status('DELETE', '/v1/portgroups/bond0'), 204);
  assert.equal(await status('GET', `/v1/portgroups/${group}`), 404);
});

test('a port group refuses what is taken, unknown or too new', async () => {
  const group = await made('/v1/portgroups', { node_uuid: node, name: 'bond0', address: '52:54:00:aa:00:01' });
  const post = (more: object, minor = '1.115') => call('POST', '/v1/portgroups', { node_uuid: node, ...more }, minor);
  const namesake = await post({ name: 'bond0' });
  assert.equal(namesake.status, 409);
  assert.equal(faultOf(namesake), 'A port group with name bond0 already exists.');
  assert.equal((await post({ address: '52:54:00:AA:00:01' })).status, 409);
  assert.equal((await post({ uuid: group })).status, 409);
  assert.equal((await post({ node_uuid: randomUUID() })).status, 400);
  assert.equal((await post({ node_uuid: undefined })).status, 400);
  assert.equal((await post({ name: 'no spaces' })).status, 400);
  assert.equal((await post({ mode: '802.3ad' }, '1.25')).status, 406);
  assert.equal((await post({}, '1.22')).status, 404);
  assert.equal(await status('GET', '/v1/portgroups', undefined, '1.22'), 404);
  assert.equal(await status('GET', '/v1/nodes/one/portgroups', undefined, '1.23'), 404);
  assert.equal(await status('GET', '/v1/portgroups?node=nobody'), 404);
  assert.equal(await status('GET', '/v1/portgroups?node=one&address=52:54:00:aa:00:01'), 400);
  assert.equal(await status('POST', '/v1/portgroups', { node_uuid: node, dynamic_portgroup: true }), 400);
  const found = async (query: string) => (await call('GET', `/v1/portgroups?${query}`)).json.portgroups.length;
  assert.deepEqual([await found('shard=a'), await found('node=one')], [0, 1]);
  assert.deepEqual([await found('address=52:54:00:AA:00:01'), await found('address=52:54:00:aa:00:09')], [1, 0]);
  assert.equal(await status('PATCH', `/v1/portgroups/${group}`, put('/internal_info', {})), 400);
  const other = (await post({ name: 'bond1' })).json.uuid;
  assert.equal(await status('PATCH', `/v1/portgroups/${other}`, put('/name', 'bond0')), 409);
  assert.equal(await status('PATCH', `/v1/portgroups/${other}`, put('/node_uuid', randomUUID())), 400);
  assert.equal(await status('PATCH', `/v1/portgroups/${group}`, [{ op: 'remove', path: '/address' }]), 200);
  assert.equal(await status('PATCH', `/v1/portgroups/${other}`, put('/address', '52:54:00:aa:00:01')), 200);
  await lock(node);
  assert.equal(await status('PATCH', `/v1/portgroups/${group}`, put('/extra', {})), 409);
  assert.equal(await status('DELETE', `/v1/portgroups/${group}`), 409);
});

test('a port joins a group that exists and is of its node', async () => {
  const foreign = await made('/v1/portgroups', { node_uuid: await aNode() });
  const body = { node_uuid: node, address: '52:54:00:aa:00:02' };
  assert.equal(await status('POST', '/v1/ports', { ...body, portgroup_uuid: randomUUID() }), 400);
  assert.equal(await status('POST', '/v1/ports', { ...body, portgroup_uuid: foreign }), 400);
  const port = await made('/v1/ports', body);
  assert.equal(await status('PATCH', `/v1/ports/${port}`, put('/portgroup_uuid', foreign)), 400);
  assert.equal(await status('GET', '/v1/ports?portgroup=nobody'), 404);
  assert.equal(await status('GET', `/v1/ports?portgroup=${foreign}`, undefined, '1.23'), 406);
});

test('ports of one group are all in one physical network', async () => {
  const group = await made('/v1/portgroups', { node_uuid: node });
  const port = async (address: string, more: object) => made('/v1/ports', { node_uuid: node, address, ...more });
  const first = await port('52:54:00:aa:00:03', { portgroup_uuid: group, physical_network: 'one' });
  const other = await port('52:54:00:aa:00:04', { physical_network: 'two' });
  const stranger = { node_uuid: node, address: '52:54:00:aa:00:05', portgroup_uuid: group };
  assert.equal(await status('POST', '/v1/ports', { ...stranger, physical_network: 'two' }), 409);
  assert.equal(await status('POST', '/v1/ports', stranger), 409, 'none is another one');
  assert.equal(await status('PATCH', `/v1/ports/${other}`, put('/portgroup_uuid', group)), 409);
  assert.equal(await status('PATCH', `/v1/ports/${first}`, put('/physical_network', 'two')), 200, 'it is alone there');
  assert.equal(await status('PATCH', `/v1/ports/${other}`, put('/portgroup_uuid', group)), 200);
  assert.equal(await status('PATCH', `/v1/ports/${other}`, put('/physical_network', 'one')), 409);
});

test('volume records belong to a node, and change while it is off', async () => {
  const connector = { node_uuid: node, type: 'iqn', connector_id: 'iqn.x' };
  const target = { node_uuid: node, volume_type: 'iscsi', volume_id: 'v1', boot_index: 0 };
  const one = await made('/v1/volume/connectors', connector);
  const two = await made('/v1/volume/targets', target);
  const root = (await call('GET', '/v1/nodes/one/volume')).json;
  assert.equal(root.targets[0].href, 'http://public/stage/v1/nodes/one/volume/targets');
  assert.equal((await call('GET', '/v1/volume')).json.connectors[1].rel, 'bookmark');
  assert.equal((await call('GET', '/v1/nodes/one/volume/connectors')).json.connectors[0].uuid, one);
  assert.equal((await call('GET', '/v1/nodes/one/volume/targets?detail=true')).json.targets[0].uuid, two);
  assert.equal((await call('GET', '/v1/volume/targets?node=one')).json.targets[0].boot_index, 0);
  for (const path of [`/v1/volume/connectors/${one}`, `/v1/volume/targets/${two}`]) {
    for (const state of ['available', 'active'] as const) {
      await power(node, null, state);
      assert.equal(await status('DELETE', path), 400, 'power is unknown');
    }
    await power(node, 'power on');
    assert.match(faultOf(await call('DELETE', path)), /requested action "volume \w+ deletion" can not be performed/);
    assert.match(
      faultOf(await call('PATCH', path, put('/extra', { a: 1 }))),
      /requested action "volume \w+ update" can not be performed/,
    );
    await power(node, 'power off');
    assert.equal(await status('PATCH', path, put('/extra', { a: 1 })), 200);
    assert.equal(await status('DELETE', path), 204);
    assert.equal(await status('GET', path), 404);
    await power(node, null);
  }
});

test('a volume record refuses what is taken, unknown or too new', async () => {
  const connector = { node_uuid: node, type: 'iqn', connector_id: 'iqn.x' };
  const target = { node_uuid: node, volume_type: 'iscsi', volume_id: 'v1', boot_index: 0 };
  await made('/v1/volume/connectors', connector);
  await made('/v1/volume/targets', target);
  assert.equal(await status('POST', '/v1/volume/connectors', connector), 409);
  assert.equal(await status('POST', '/v1/volume/targets', target), 409);
  assert.equal(await status('POST', '/v1/volume/connectors', { ...connector, type: 5 }), 400);
  assert.equal(await status('POST', '/v1/volume/connectors', { ...connector, node_uuid: randomUUID() }), 400);
  assert.equal(await status('POST', '/v1/volume/targets', { ...target, boot_index: '1' }), 400);
  assert.equal(await status('POST', '/v1/volume/targets', { ...target, volume_id: undefined }), 400);
  for (const path of ['/v1/volume', '/v1/volume/targets', '/v1/volume/connectors', '/v1/nodes/one/volume']) {
    assert.equal(await status('GET', path, undefined, '1.31'), 404, path);
  }
  assert.equal(await status('POST', '/v1/volume/connectors', connector, '1.31'), 404);
  assert.equal(await status('GET', '/v1/volume/connectors/iqn.x'), 400);
});

test('what a node owns goes with it, and nothing of another node', async () => {
  const other = await aNode();
  const kept = await made('/v1/portgroups', { node_uuid: other, name: 'kept' });
  await made('/v1/portgroups', { node_uuid: node, name: 'bond0' });
  await made('/v1/volume/connectors', { node_uuid: node, type: 'iqn', connector_id: 'iqn.x' });
  await made('/v1/volume/targets', { node_uuid: node, volume_type: 'iscsi', volume_id: 'v1', boot_index: 0 });
  await lock(node);
  assert.equal(await status('DELETE', '/v1/nodes/one'), 409);
  assert.equal((await call('GET', '/v1/portgroups')).json.portgroups.length, 2);
  const row = await site.services.nodes.get(node);
  assert.ok(row);
  await site.services.nodes.replace({ ...row, reservation: null });
  assert.equal(await status('DELETE', '/v1/nodes/one'), 204);
  assert.deepEqual(
    (await call('GET', '/v1/portgroups')).json.portgroups.map((one: { uuid: string }) => one.uuid),
    [kept],
  );
  assert.deepEqual((await call('GET', '/v1/volume/connectors')).json.connectors, []);
  assert.deepEqual((await call('GET', '/v1/volume/targets')).json.targets, []);
  await made('/v1/portgroups', { node_uuid: other, name: 'bond0' });
});

test('events of Neutron are checked and change nothing', async () => {
  const event = {
    event: 'network.bind_port',
    port_id: randomUUID(),
    mac_address: '52:54:00:00:00:01',
    status: 'ACTIVE',
  };
  const post = (body: unknown, version?: string) => status('POST', '/v1/events', body, version);
  assert.equal(await post({ events: [event, { ...event, device_id: 'x', 'binding:host_id': 'y' }] }), 204);
  const { status: _status, ...without } = event;
  const wrong = [
    undefined,
    [],
    {},
    { events: {} },
    { events: [] },
    { events: [event], more: 1 },
    { events: [without] },
    { events: [{ ...event, event: 'network.dance' }] },
    { events: [{ ...event, mac_address: '1' }] },
    { events: [{ ...event, colour: 'red' }] },
  ];
  for (const body of wrong) assert.equal(await post(body), 400, JSON.stringify(body));
  assert.equal(await post({ events: [event] }, '1.53'), 404);
  assert.equal(await status('GET', '/v1/events'), 405);
});
