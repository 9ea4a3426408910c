import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FUNCTION_NAMES } from '../../infra/permissions.ts';
import { DOCUMENT_FOLDERS } from '../../shared/documents.ts';
import { Rack } from '../rack/rack.ts';
import { IMAGE } from '../scenarios/stage.ts';
import { until } from '../until.ts';
import { notAllowed } from './recorded-calls.ts';
import { recordedSite } from './recorded-site.ts';

/** LocalStack enforces no policies: what is forgotten in the list would be found on AWS, by an owner. */
describe('the main job', () => {
  it('needs no permission that the list does not give', async () => {
    const site = await recordedSite();
    const rack = new Rack({ apiUrl: site.agentUrl, timeScale: 20, random: () => 0.5 });
    const operator = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(`${site.operatorUrl}${path}`, {
        method,
        headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.110' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      // What an async call or a run wrote at this moment: clients ask again.
      if (response.status === 409) return operator(method, path, body);
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      const call = response.headers.get('x-nodeless-call');
      return text === '' || call !== null ? { call } : JSON.parse(text);
    };
    const reached = (uuid: string, state: string) =>
      until(state, async () => (await operator('GET', `/v1/nodes/${uuid}`)).provision_state === state);
    try {
      const machine = rack.add({ macs: ['52:54:00:00:77:01', '52:54:00:00:77:02'], serial: 'S1', inspect: true });
      machine.powerOn();
      const uuid = await until('its node', async () => (machine.token ? machine.uuid : undefined));
      await operator('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
      await operator('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/ipmi_password', value: 'x' }]);
      const asAgent = (path: string, body?: unknown) =>
        fetch(`${site.agentUrl}${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify({ ...body, agent_token: machine.token }) }),
        });
      assert.equal((await asAgent('/')).status, 200);
      const driver = (value: string) =>
        operator('PATCH', `/v1/nodes/${uuid}?reset_interfaces=true`, [{ op: 'replace', path: '/driver', value }]);
      await operator('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/hook', value: 'array' }]);
      await driver('hook');
      const own = `/v1/nodes/${uuid}/vendor_passthru`;
      const asked = await asAgent(`${own}/request_volume`, {});
      assert.equal(asked.status, 202);
      const call = asked.headers.get('x-nodeless-call');
      assert.equal((await asAgent(`${own}/result`, { call })).status, 200);
      assert.equal((await asAgent(`${own}/result`, { call: uuid })).status, 404);
      await driver('manual');
      const configdrive = { user_data: 'x' };
      await operator('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active', configdrive });
      await reached(uuid, 'active');
      await operator('GET', `/v1/nodes/${uuid}/inventory`);
      await site.sweep();
      await operator('GET', '/v1/ports');
      await operator('GET', `/v1/nodes/${uuid}/history`);
      const other = await operator('POST', '/v1/nodes', {
        driver: 'fake-hardware',
        name: 'n',
        properties: { serial_number: 'S2' },
      });
      await operator('POST', '/v1/ports', { node_uuid: other.uuid, address: '52:54:00:00:77:03' });
      await operator('DELETE', '/v1/nodes/n');
      const driver_info = { provide_when_present: true };
      const third = await operator('POST', '/v1/nodes', {
        driver: 'fake-hardware',
        vendor_interface: 'fake',
        driver_info,
      });
      await operator('POST', '/v1/ports', { node_uuid: third.uuid, address: '52:54:00:00:77:05' });
      await operator('PUT', `/v1/nodes/${third.uuid}/states/provision`, { target: 'manage' });
      await reached(third.uuid, 'manageable');
      rack.add({ macs: ['52:54:00:00:77:05'], serial: 'S3' }).powerOn();
      await until('it to register itself as available', async () => {
        await site.sweep();
        return (await operator('GET', `/v1/nodes/${third.uuid}`)).provision_state === 'available';
      });
      assert.ok(site.called.some(({ by, action }) => by === 'sweep' && action === 'states:StartExecution'));
      const methods = `/v1/nodes/${third.uuid}/vendor_passthru`;
      const { call: begun } = await operator('POST', `${methods}/second_method`, { bar: 'kazoo' });
      await until(
        'its result',
        async () => (await operator('GET', `${methods}/result?call=${begun}`)).state === 'done',
      );
      const silent = await operator('POST', '/v1/nodes', { driver: 'manual', inspect_interface: 'agent' });
      for (const target of ['manage', 'inspect']) {
        await operator('PUT', `/v1/nodes/${silent.uuid}/states/provision`, { target });
        if (target === 'manage') await reached(silent.uuid, 'manageable');
      }
      await reached(silent.uuid, 'inspect failed');
      await operator('POST', '/v1/nodeless/policies', { name: 'hold', outcome: 'hold' });
      const { path } = await operator('POST', '/v1/nodeless/join_tokens', { models: ['*'], policy: 'hold' });
      const inventory = { interfaces: [{ mac_address: '52:54:00:00:77:04' }], system_vendor: { product_name: 'R1' } };
      const headers = { 'content-type': 'application/json' };
      const held = { method: 'POST', headers, body: JSON.stringify({ inventory }) };
      // Another function than the operator's knows of a new policy within seconds.
      const row = await until('a held machine', async () => {
        assert.equal((await fetch(`${site.agentUrl}${path}/v1/continue_inspection`, held)).status, 404);
        return (await operator('GET', '/v1/nodeless/inbox')).inbox[0];
      });
      await operator('GET', `/v1/nodeless/explain/${row.uuid}?replay=true`);
      await operator('POST', `/v1/nodeless/inbox/${row.uuid}/approve`, { node: uuid });
      await operator('DELETE', '/v1/nodeless/policies/hold');
      await until('the events', async () => site.ran.has('stream-publish'));
      assert.deepEqual(
        FUNCTION_NAMES.filter((by) => !site.ran.has(by)),
        [],
        'were not called',
      );
      const folders = new Set(site.called.flatMap(({ key }) => key?.split('/')[0] ?? []));
      assert.deepEqual(folders, new Set(DOCUMENT_FOLDERS), 'of documents were used');
      assert.deepEqual(notAllowed(site.called), []);
    } finally {
      await rack.close();
      await site.close();
    }
  });
});
