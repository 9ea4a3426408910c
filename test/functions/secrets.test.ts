import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Services } from '../../functions/services.ts';
import { operatorServer } from './operator-server.ts';

const STEP = { interface: 'bios', step: 'set_password', args: { admin_password: 's3cret', level: 1 } };
const MASKED_STEP = { ...STEP, args: { admin_password: '******', level: 1 } };

/** Resources with secrets: where they stand, and how they are shown. */
const ROWS = [
  {
    path: '/v1/volume/targets',
    field: 'properties',
    body: { volume_type: 'iscsi', volume_id: 'v1', boot_index: 0 },
    ofNode: true,
    secret: { target_portal: '10.0.0.1:3260', auth_username: 'u', auth_password: 's3cret' },
    shown: { target_portal: '10.0.0.1:3260', auth_username: 'u', auth_password: '******' },
  },
  {
    path: '/v1/deploy_templates',
    field: 'steps',
    body: { name: 'CUSTOM_BIOS' },
    secret: [{ ...STEP, priority: 10 }],
    shown: [{ ...MASKED_STEP, priority: 10 }],
  },
  {
    path: '/v1/runbooks',
    field: 'steps',
    body: { name: 'CUSTOM_BIOS' },
    secret: [{ ...STEP, order: 1 }],
    shown: [{ ...MASKED_STEP, order: 1 }],
  },
] as const;

describe('secrets of resources (T12)', () => {
  for (const { path, field, body, secret, shown, ...row } of ROWS) {
    it(`${path}: ${field} is masked in every answer, and a mask that comes back changes nothing`, async () => {
      const { call, services, tables, lines } = operatorServer();
      const node = await call('POST', '/v1/nodes', { driver: 'fake-hardware' });
      await poweredOff(services, node.json.uuid);
      const owner = 'ofNode' in row ? { node_uuid: node.json.uuid } : {};
      const created = await call('POST', path, { ...body, ...owner, [field]: secret });
      assert.equal(created.status, 201, created.body);
      const one = `${path}/${created.json.uuid}`;
      const listed = await call('GET', `${path}?detail=true`);
      for (const answer of [created, await call('GET', one), listed]) {
        assert.ok(!answer.body.includes('s3cret'));
        assert.ok(answer.body.includes('******'));
      }
      assert.deepEqual(created.json[field], shown);
      const stored = JSON.stringify([...tables.resources.values()].map(({ item }) => item[field as keyof typeof item]));
      for (const value of [shown, undefined]) {
        const patch = [
          { op: 'replace', path: `/${field}`, value: value ?? created.json[field] },
          { op: 'add', path: '/extra', value: { seen: true } },
        ];
        const patched = await call('PATCH', one, patch);
        assert.equal(patched.status, 200, patched.body);
        assert.deepEqual([patched.json[field], patched.json.extra], [shown, { seen: true }]);
      }
      const after = JSON.stringify([...tables.resources.values()].map(({ item }) => item[field as keyof typeof item]));
      assert.ok(stored.includes('s3cret'));
      assert.equal(after, stored);
      assert.ok(!JSON.stringify(lines).includes('s3cret'));
    });
  }
});

describe('secrets of a node (T12)', () => {
  const INFO = {
    image_source: 'http://i',
    image_url: 'http://u:pw@i',
    configdrive: 'aGk=',
    image_pull_secret: 's3cret',
  };
  const SHOWN = { ...INFO, image_url: '******', configdrive: '******', image_pull_secret: '******' };

  it('instance_info: what is shown can be sent back whole, with one thing changed', async () => {
    const { call, services } = operatorServer();
    const { json } = await call('POST', '/v1/nodes', { driver: 'fake-hardware', instance_info: INFO });
    assert.deepEqual(json.instance_info, SHOWN);
    const value = { ...json.instance_info, image_source: 'http://other' };
    const patched = await call('PATCH', `/v1/nodes/${json.uuid}`, [{ op: 'replace', path: '/instance_info', value }]);
    assert.deepEqual(patched.json.instance_info, { ...SHOWN, image_source: 'http://other' });
    const row = await services.nodes.get(json.uuid);
    assert.deepEqual(row?.instance_info, { ...INFO, image_source: 'http://other' });
  });

  it('a new value and a removal are what they say', async () => {
    const { call, services } = operatorServer();
    const { json } = await call('POST', '/v1/nodes', { driver: 'fake-hardware', instance_info: INFO });
    await call('PATCH', `/v1/nodes/${json.uuid}`, [
      { op: 'replace', path: '/instance_info/image_pull_secret', value: 'new' },
      { op: 'replace', path: '/instance_info/image_url', value: '******' },
      { op: 'remove', path: '/instance_info/configdrive' },
    ]);
    const { configdrive: _, ...rest } = INFO;
    assert.deepEqual((await services.nodes.get(json.uuid))?.instance_info, { ...rest, image_pull_secret: 'new' });
  });

  it('are in no answer, no log line and no history: neither of the lists nor of a refused patch', async () => {
    const { call, lines } = operatorServer();
    const driver_info = { ipmi_password: 's3cret', chain: [{ passphrase: 's3cret' }] };
    const { json } = await call('POST', '/v1/nodes', {
      driver: 'fake-hardware',
      name: 'n',
      driver_info,
      instance_info: INFO,
    });
    const answers = [
      await call('GET', '/v1/nodes/n'),
      await call('GET', '/v1/nodes/detail'),
      await call('GET', '/v1/nodes?fields=uuid,driver_info,instance_info'),
      await call('PATCH', '/v1/nodes/n', [{ op: 'add', path: '/driver_info/ipmi_address', value: 'bmc' }]),
      await call('PATCH', '/v1/nodes/n', [{ op: 'add', path: '/driver_info', value: 's3cret' }]),
      await call('PATCH', '/v1/nodes/n', [{ op: 'add', path: '/driver_info/ipmi_password/x', value: 's3cret' }]),
      await call('POST', '/v1/nodes', { driver: 'fake-hardware', name: 'n', driver_info }),
      await call('GET', `/v1/nodes/${json.uuid}/history?detail=true`),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 400, 400, 409, 200],
    );
    for (const { body } of answers) assert.ok(!body.includes('s3cret'), body);
    assert.ok(!JSON.stringify(lines).includes('s3cret'));
  });
});

/** A volume changes while its machine is off. */
async function poweredOff(services: Services, uuid: string): Promise<void> {
  const node = await services.nodes.get(uuid);
  assert.ok(node);
  await services.nodes.replace({ ...node, power_state: 'power off' }, []);
}
