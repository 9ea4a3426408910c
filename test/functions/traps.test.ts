import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import { TRAPS } from './traps.ts';

const PATIENCE_MS = 30_000;
let runtime: Runtime;

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what a client would read
  json: any;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = { 'X-OpenStack-Ironic-API-Version': '1.115' },
): Promise<Answer> {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${runtime.operatorUrl}${path}`, { method, headers, ...sent });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: text === '' ? undefined : JSON.parse(text) };
}
const status = async (...request: Parameters<typeof call>) => (await call(...request)).status;
const version = (minor: number) => ({ 'X-OpenStack-Ironic-API-Version': `1.${minor}` });
const made = async (path: string, body: object) => {
  const answer = await call('POST', path, body);
  assert.equal(answer.status, 201, answer.text);
  return answer.json;
};
const node = (name: string, more: object = {}) => made('/v1/nodes', { driver: 'fake-hardware', name, ...more });
const replace = (path: string, value: unknown) => [{ op: 'replace', path, value }];
async function until(name: string, state: string) {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { json } = await call('GET', `/v1/nodes/${name}`);
    if (json.provision_state === state && json.reservation === null) return json;
    assert.ok(Date.now() < deadline, `${name} is ${json.provision_state}, not ${state}: ${json.last_error}`);
    await sleep(20);
  }
}
async function to(name: string, target: string, state: string) {
  assert.equal(await status('PUT', `/v1/nodes/${name}/states/provision`, { target }), 202);
  return until(name, state);
}

test('each of the 40 traps has a test that exists', () => {
  const numbers = Array.from({ length: 40 }, (_, index) => `T${index + 1}`);
  assert.deepEqual(
    TRAPS.map(({ id }) => id),
    numbers,
  );
  const missing = TRAPS.flatMap(({ id, tests }) =>
    tests
      .filter(([file, name]) => {
        const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
        return !source.includes(`test('${name}'`) && !source.includes(`describe('${name}'`);
      })
      .map(([file, name]) => `${id}: ${file}: ${name}`),
  );
  assert.deepEqual(missing, []);
  assert.deepEqual(
    TRAPS.filter(({ tests }) => tests.length === 0).map(({ id }) => id),
    [],
  );
});

describe('traps, over HTTP', () => {
  before(async () => {
    runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog, timeScale: 0.1 });
  });
  after(() => runtime.close());

  test('T2: an empty answer has no content type', async () => {
    await node('t2');
    const accepted = await call('PUT', '/v1/nodes/t2/maintenance', {});
    assert.deepEqual([accepted.status, accepted.text, accepted.headers.get('content-type')], [202, '', null]);
    const gone = await call('DELETE', '/v1/nodes/t2');
    assert.deepEqual([gone.status, gone.text, gone.headers.get('content-type')], [204, '', null]);
  });

  test('T4, T5, T24: without a version header it is 1.1, and the range is told', async () => {
    const seen = (answer: Answer) =>
      ['', '-minimum', '-maximum'].map((part) => answer.headers.get(`x-openstack-ironic-api${part}-version`));
    const plain = await call('GET', '/v1', undefined, {});
    assert.deepEqual([plain.status, ...seen(plain)], [200, '1.1', '1.1', '1.115']);
    assert.equal((await call('POST', '/v1/nodes', { driver: 'fake-hardware' }, {})).json.provision_state, null);
    const absent = await call('GET', '/v1/nodes/nobody', undefined, version(50));
    assert.deepEqual([absent.status, ...seen(absent)], [404, '1.50', '1.1', '1.115']);
    const beyond = await call('GET', '/v1/nodes', undefined, version(999));
    assert.deepEqual([beyond.status, ...seen(beyond)], [406, null, '1.1', '1.115']);
  });

  test('T6: an error is a JSON document in a string', async () => {
    const { json } = await call('GET', '/v1/nodes/nobody');
    const inner = JSON.parse(json.error_message);
    assert.deepEqual([inner.faultcode, inner.debuginfo], ['Client', null]);
    assert.match(inner.faultstring, /nobody/);
    const routed = JSON.parse((await call('GET', '/v1/nothing')).json.error_message);
    assert.deepEqual([routed.code, routed.title], [404, 'Not Found']);
  });

  test('T7, T8, T31: pages hold 1000, say twice where the next is, and keep filters', async () => {
    await node('t7-a', { resource_class: 't7' });
    await node('t7-b', { resource_class: 't7' });
    const first = (await call('GET', '/v1/nodes?resource_class=t7&limit=1')).json;
    assert.deepEqual(first.nodes_links, [{ rel: 'next', href: first.next }]);
    assert.match(first.next, /resource_class=t7/);
    const rest = (await call('GET', first.next.slice(runtime.operatorUrl.length))).json;
    assert.equal(rest.nodes.length, 1);
    assert.equal((await call('GET', '/v1/nodes?resource_class=t7')).json.next, undefined);
    assert.equal(await status('GET', '/v1/nodes?limit=0'), 400);
    assert.equal(await status('GET', '/v1/conductors?limit=0'), 400);
    assert.equal(await status('GET', '/v1/nodes?limit=5000'), 200, 'more than a page holds is a page');
  });

  test('T9, T18, T39: a patch answers the whole node, with offsets and without null collections', async () => {
    await node('t18');
    const { status: code, json } = await call('PATCH', '/v1/nodes/t18', replace('/description', 'x'));
    assert.equal(code, 200);
    assert.deepEqual(json, (await call('GET', '/v1/nodes/t18')).json);
    for (const key of ['created_at', 'updated_at']) assert.match(json[key], /^\d{4}-.*T.*(\+00:00|Z)$/);
    const dictionaries = [
      'driver_info',
      'instance_info',
      'properties',
      'extra',
      'raid_config',
      'clean_step',
      'network_data',
    ];
    for (const key of dictionaries) assert.deepEqual(json[key], {}, key);
    assert.deepEqual(json.traits, []);
    assert.deepEqual((await call('GET', '/v1/nodes/t18/firmware')).json, { firmware: [] });
    assert.deepEqual((await call('GET', '/v1/nodes/t18/vifs')).json, { vifs: [] });
    const old = (await call('PATCH', '/v1/nodes/t18', replace('/extra/a', 1), version(5))).status;
    assert.equal(old, 400, 'nothing to replace');
    assert.equal('traits' in (await call('PATCH', '/v1/nodes/t18', [], version(5))).json, false);
  });

  test('T10: a node is found under every spelling of its path', async () => {
    const { uuid } = await node('metal3~host-0.x');
    for (const path of [
      '/v1/nodes/metal3~host-0.x',
      '/v1/nodes/metal3%7Ehost-0.x',
      '/nodes/metal3~host-0.x',
      `/v1/nodes/${uuid}/`,
    ]) {
      assert.equal((await call('GET', path)).json.uuid, uuid, path);
    }
    assert.equal((await call('GET', `/v1/nodes/${uuid}.json`, undefined, version(90))).json.uuid, uuid);
    assert.equal(await status('GET', `/v1/nodes/${uuid}.json`), 404, 'from 1.91 on it belongs to the name');
    assert.equal((await call('GET', '/v1/nodes/?limit=1')).status, 200);
  });

  test('T11: booleans in words, lists and colons percent-encoded', async () => {
    const { uuid } = await node('t11', { retired: 'True' });
    assert.equal((await call('GET', '/v1/nodes/t11')).json.retired, true);
    const address = '52:54:00:00:11:aa';
    await made('/v1/ports', { node_uuid: uuid, address: address.toUpperCase(), pxe_enabled: 'false' });
    const { ports } = (await call('GET', `/v1/ports/detail?address=${encodeURIComponent(address.toUpperCase())}`)).json;
    assert.deepEqual([ports[0].address, ports[0].pxe_enabled], [address, false]);
    const listed = (await call('GET', '/v1/nodes?fields=uuid%2CName&retired=True&maintenance=FALSE')).json.nodes;
    assert.deepEqual(Object.keys(listed[0]).sort(), ['links', 'name', 'uuid']);
    assert.equal(await status('GET', '/v1/nodes?maintenance=perhaps'), 400);
  });

  test('T14, T15: a MAC has one owner, and wiring is frozen while available', async () => {
    const { uuid } = await node('t14');
    const other = await node('t14-other');
    const port = await made('/v1/ports', { node_uuid: uuid, address: '52:54:00:00:14:01' });
    const again = await call('POST', '/v1/ports', {
      node_uuid: other.uuid,
      address: '52:54:00:00:14:01'.toUpperCase(),
    });
    assert.equal(again.status, 409);
    assert.match(again.text, /MAC address 52:54:00:00:14:01 already exists/);
    const nobody = '00000000-0000-4000-8000-000000000000';
    assert.equal(await status('POST', '/v1/ports', { node_uuid: nobody, address: '52:54:00:00:14:02' }), 400);
    assert.deepEqual((await call('GET', '/v1/ports?address=52:54:00:00:14:99')).json, { ports: [] });
    await to('t14', 'manage', 'manageable');
    assert.equal(await status('PATCH', `/v1/ports/${port.uuid}`, replace('/pxe_enabled', false)), 200);
    await to('t14', 'provide', 'available');
    for (const [key, value] of Object.entries({
      pxe_enabled: true,
      physical_network: 'n',
      local_link_connection: {},
    })) {
      assert.equal(await status('PATCH', `/v1/ports/${port.uuid}`, replace(`/${key}`, value)), 409, key);
    }
    assert.equal(await status('PATCH', `/v1/ports/${port.uuid}`, [{ op: 'add', path: '/extra/a', value: 1 }]), 200);
  });

  test('T16: a DELETE may have a body, a query or another content type', async () => {
    await node('t16');
    assert.equal(await status('DELETE', '/v1/nodes/t16/vmedia', { device_types: ['cdrom'] }), 204);
    assert.equal(await status('DELETE', '/v1/nodes/t16/vmedia?device_types=cdrom'), 204);
    const binary = { ...version(115), 'Content-Type': 'application/octet-stream' };
    assert.equal(await status('DELETE', '/v1/nodes/t16', undefined, binary), 204);
  });

  test('T19, T30, T34: enrolment to active in seconds, with power known and a conductor', async () => {
    await node('t19');
    assert.equal((await call('GET', '/v1/nodes/t19')).json.power_state, null);
    const verified = await to('t19', 'manage', 'manageable');
    assert.match(verified.power_state, /^power (on|off)$/);
    await to('t19', 'provide', 'available');
    await to('t19', 'active', 'active');
    const { conductors } = (await call('GET', '/v1/conductors')).json;
    assert.deepEqual([conductors.length, conductors[0].alive], [1, true]);
    assert.equal(verified.conductor, conductors[0].hostname);
    for (const { hosts } of (await call('GET', '/v1/drivers')).json.drivers)
      assert.deepEqual(hosts, [verified.conductor]);
    await to('t19', 'deleted', 'available');
  });

  test('an IPMI node, as gophercloud and Metal3 create it, is kept, and says that nothing here speaks IPMI', async () => {
    const driver_info = {
      ipmi_address: '192.0.2.1',
      ipmi_port: '6230',
      ipmi_username: 'admin',
      ipmi_password: 'admin',
    };
    const ipmi = { driver: 'ipmi', boot_interface: 'ipxe', raid_interface: 'agent', driver_info };
    const kept = await node('ipmi', ipmi);
    assert.deepEqual(
      [kept.boot_interface, kept.raid_interface, kept.firmware_interface],
      ['ipxe', 'agent', 'no-firmware'],
    );
    assert.equal(kept.driver_info.ipmi_password, '******');
    assert.match((await call('GET', '/v1/nodes/ipmi/validate')).json.power.reason, /speaks IPMI.*hook.*redfish/);
    assert.equal(await status('PUT', '/v1/nodes/ipmi/states/power', { target: 'power on' }), 400);
    assert.match((await to('ipmi', 'manage', 'enroll')).last_error, /speaks IPMI/);
    const hook = [...replace('/power_interface', 'hook'), ...replace('/management_interface', 'hook')];
    assert.equal((await call('PATCH', '/v1/nodes/ipmi', hook)).json.power_interface, 'hook');
    assert.equal(await status('DELETE', '/v1/nodes/ipmi'), 204);
  });

  test('T22: protected refuses also in maintenance, which lets an instance go', async () => {
    await node('t22');
    await to('t22', 'manage', 'manageable');
    await to('t22', 'provide', 'available');
    await to('t22', 'active', 'active');
    const instance = [{ op: 'add', path: '/instance_uuid', value: '00000000-0000-4000-8000-000000000022' }];
    assert.equal(await status('PATCH', '/v1/nodes/t22', [...instance, ...replace('/protected', true)]), 200);
    assert.equal(await status('PUT', '/v1/nodes/t22/maintenance', {}), 202);
    assert.equal(await status('DELETE', '/v1/nodes/t22'), 403);
    assert.equal(await status('PUT', '/v1/nodes/t22/states/provision', { target: 'deleted' }), 403);
    assert.equal(await status('PATCH', '/v1/nodes/t22', [{ op: 'remove', path: '/instance_uuid' }]), 200);
    assert.equal(await status('PATCH', '/v1/nodes/t22', replace('/protected', false)), 200);
    assert.equal(await status('DELETE', '/v1/nodes/t22'), 204);
  });

  test('T25, T27: header names in any case, and the generic one wins', async () => {
    const echo = async (headers: Record<string, string>) =>
      (await call('GET', '/v1', undefined, headers)).headers.get('x-openstack-ironic-api-version');
    assert.equal(await echo({ 'x-openstack-ironic-api-version': '1.31' }), '1.31');
    assert.equal(await echo({ 'X-OPENSTACK-IRONIC-API-VERSION': '1.31' }), '1.31');
    assert.equal(
      await echo({ 'X-OpenStack-Ironic-API-Version': '1.5', 'openstack-api-version': 'baremetal 1.70' }),
      '1.70',
    );
  });

  test('T32: what is unknown is 400 and what is newer is 406, in query, fields and body', async () => {
    const cases: [number, string, string, unknown?, number?][] = [
      [400, 'GET', '/v1/nodes?colour=red'],
      [400, 'GET', '/v1/nodes?fields=colour'],
      [400, 'POST', '/v1/nodes', { driver: 'fake-hardware', colour: 'red' }],
      [406, 'GET', '/v1/nodes?shard=x', undefined, 81],
      [406, 'GET', '/v1/nodes?fields=owner', undefined, 49],
      [406, 'POST', '/v1/nodes', { driver: 'fake-hardware', owner: 'me' }, 49],
      [406, 'PATCH', '/v1/nodes/t32', [{ op: 'add', path: '/owner', value: 'me' }], 49],
    ];
    await node('t32');
    for (const [code, method, path, body, minor] of cases) {
      assert.equal(await status(method, path, body, version(minor ?? 115)), code, `${method} ${path}`);
    }
  });

  test('T35: every list shows a write at once', async () => {
    const { uuid } = await node('t35');
    const listed = async (path: string, key: string) => (await call('GET', path)).json[key].length;
    for (let round = 0; round < 10; round += 1) {
      const [address, name] = [`52:54:00:00:35:0${round}`, `class-${round}`];
      const port = await made('/v1/ports', { node_uuid: uuid, address });
      assert.equal(await listed(`/v1/ports?address=${address}`, 'ports'), 1);
      assert.equal(await listed(`/v1/ports?node=${uuid}`, 'ports'), 1);
      await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/resource_class', value: name }]);
      assert.equal(await listed(`/v1/nodes?resource_class=${name}`, 'nodes'), 1);
      await call('DELETE', `/v1/ports/${port.uuid}`);
      assert.equal(await status('GET', `/v1/ports/${port.uuid}`), 404);
      assert.equal(await listed(`/v1/ports?node=${uuid}`, 'ports'), 0);
    }
  });

  test('T36: of patches at once one wins or all come one after the other, and no write is lost', async () => {
    await node('t36');
    const keys = Array.from({ length: 8 }, (_, index) => `key${index}`);
    const codes = await Promise.all(
      keys.map((key) => status('PATCH', '/v1/nodes/t36', [{ op: 'add', path: `/extra/${key}`, value: 1 }])),
    );
    assert.ok(codes.includes(200));
    assert.deepEqual(
      codes.filter((code) => code !== 200 && code !== 409),
      [],
    );
    const { extra } = (await call('GET', '/v1/nodes/t36')).json;
    assert.deepEqual(
      Object.keys(extra).sort(),
      keys.filter((_, index) => codes[index] === 200),
    );
    const half = [{ op: 'add', path: '/extra/half', value: 1 }, ...replace('/driver_internal_info', {})];
    assert.equal(await status('PATCH', '/v1/nodes/t36', half), 400);
    assert.equal('half' in (await call('GET', '/v1/nodes/t36')).json.extra, false, 'all or nothing');
  });

  test('T40: Location has the ident as it was sent, and a new UUID', async () => {
    const answer = await call('POST', '/v1/nodes', { driver: 'fake-hardware', name: 't40' });
    assert.equal(answer.headers.get('location'), `${runtime.operatorUrl}/v1/nodes/${answer.json.uuid}`);
    for (const ident of ['t40', answer.json.uuid]) {
      const { headers } = await call('PUT', `/v1/nodes/${ident}/states/power`, { target: 'power on' });
      assert.equal(headers.get('location'), `${runtime.operatorUrl}/v1/nodes/${ident}/states`);
      await until(ident, 'enroll');
    }
  });
});
