import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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
      assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
      return text === '' ? {} : JSON.parse(text);
    };
    const reached = (uuid: string, state: string) =>
      until(state, async () => (await operator('GET', `/v1/nodes/${uuid}`)).provision_state === state);
    try {
      const machine = rack.add({ macs: ['52:54:00:00:77:01', '52:54:00:00:77:02'], serial: 'S1', inspect: true });
      machine.powerOn();
      const uuid = await until('its node', async () => (machine.token ? machine.uuid : undefined));
      await operator('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: IMAGE }]);
      await operator('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/driver_info/ipmi_password', value: 'x' }]);
      await operator('PUT', `/v1/nodes/${uuid}/states/provision`, { target: 'active' });
      await reached(uuid, 'active');
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
      const third = await operator('POST', '/v1/nodes', { driver: 'fake-hardware', driver_info });
      await operator('POST', '/v1/ports', { node_uuid: third.uuid, address: '52:54:00:00:77:05' });
      await operator('PUT', `/v1/nodes/${third.uuid}/states/provision`, { target: 'manage' });
      await reached(third.uuid, 'manageable');
      rack.add({ macs: ['52:54:00:00:77:05'], serial: 'S3' }).powerOn();
      await until('it to register itself as available', async () => {
        await site.sweep();
        return (await operator('GET', `/v1/nodes/${third.uuid}`)).provision_state === 'available';
      });
      assert.ok(site.called.some(({ by, action }) => by === 'sweep' && action === 'states:StartExecution'));
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
      for (const by of [
        'agent-lookup',
        'agent-heartbeat',
        'agent-inspection',
        'operator',
        'workflow-advance',
        'sweep',
      ]) {
        assert.ok(
          site.called.some((one) => one.by === by),
          `${by} was not called`,
        );
      }
      assert.deepEqual(notAllowed(site.called), []);
    } finally {
      await rack.close();
      await site.close();
    }
  });
});
