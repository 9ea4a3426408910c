import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryResourceStore } from '../../shared/adapters/memory/resource-store.ts';
import { publishedRules, publishRules } from '../../shared/inspection-rules/rule-set.ts';
import type { JsonObject } from '../../shared/json.ts';
import { AgentSite } from '../fakes/agent-site.ts';
import { operatorServer } from './operator-server.ts';

const MAC = '52:54:00:00:00:01';
const AT = '2026-01-01T00:00:00+00:00';
const INVENTORY = {
  bmc_address: '10.0.0.9',
  interfaces: [{ name: 'eth0', mac_address: MAC }],
  cpu: { count: 1, architecture: 'x86_64' },
  memory: { physical_mb: 1024 },
  bmc_mac: '52:54:00:00:00:99',
  disks: [{ name: '/dev/sda', serial: 'D-1' }],
  system_vendor: { serial_number: 'RULED-1' },
};
/** What a node knew before, so that more than a MAC says whose inventory it is. */
const KNOWN = { serial_number: 'RULED-1', bmc_mac: '52:54:00:00:00:99', disk_serials: ['D-1'] };

const siteWith = (...actions: JsonObject[]) => siteOf(KNOWN, actions);

async function siteOf(properties: JsonObject, actions: JsonObject[]) {
  const site = new AgentSite();
  const resources = new MemoryResourceStore(site.tables);
  const own = { uuid: '1', created_at: AT, updated_at: null, version: 1, schema: 1 as const };
  const rule = { ...own, description: null, priority: 0, phase: 'main', sensitive: false, conditions: [] };
  await resources.create('inspection_rule', { ...rule, actions }, []);
  await publishRules(resources, AT);
  const { uuid } = await site.enrol({ macs: [MAC], properties });
  const told = await site.call('POST', '/v1/continue_inspection', { body: { inventory: INVENTORY } });
  const ports = await site.ports.ofNode(uuid);
  const events = await site.nodes.events(uuid);
  const postAgain = async () => {
    await site.call('POST', '/v1/continue_inspection', { body: { inventory: INVENTORY } });
    return (await site.nodes.events(uuid)).length;
  };
  return {
    told,
    postAgain,
    node: await site.nodes.get(uuid),
    kept: await site.documents.get(`inventory/${uuid}.json`),
    ports,
    events,
  };
}

describe('inspection rules when an inventory arrives', () => {
  test('change the node and what is kept', async () => {
    const set = await siteWith({ op: 'set-attribute', args: ['/extra/bmc', '{inventory[bmc_address]}'] });
    assert.equal(set.told.status, 200);
    assert.deepEqual(set.node?.extra, { bmc: '10.0.0.9' });
    const data = await siteWith({ op: 'set-plugin-data', args: ['seen', 'yes'] });
    assert.deepEqual(JSON.parse(new TextDecoder().decode(data.kept)), {
      inventory: INVENTORY,
      plugin_data: { seen: 'yes' },
    });
  });

  test('change ports, and what they log is in the history of the node', async () => {
    const network = { op: 'set-port-attribute', args: [MAC, 'physical_network', 'rack-7'] };
    const { told, ports, events } = await siteWith(network, { op: 'log', args: ['BMC is {inventory[bmc_address]}'] });
    assert.equal(told.status, 200);
    assert.deepEqual(
      ports.map(({ address, physical_network }) => [address, physical_network]),
      [[MAC, 'rack-7']],
    );
    const inspected = events.find(({ event_type }) => event_type === 'inspected');
    assert.match(inspected?.event ?? '', /rules said: BMC is 10\.0\.0\.9/);
    assert.deepEqual(inspected?.detail, { rules: ['1'], log: ['BMC is 10.0.0.9'] });
  });

  test('change no port when a later action refuses the machine', async () => {
    const network = { op: 'set-port-attribute', args: [MAC, 'physical_network', 'rack-7'] };
    const { told, ports } = await siteWith(network, { op: 'fail', args: ['not ours'] });
    assert.equal(told.status, 400);
    assert.equal(ports[0]?.physical_network, null);
  });

  test('are not asked where only a MAC says whose inventory it is', async () => {
    const rules = [{ op: 'set-attribute', args: ['/extra/bmc', '{inventory[bmc_address]}'] }];
    const { told, node, kept, events } = await siteOf({}, rules);
    assert.equal(told.status, 200);
    assert.deepEqual([node?.extra, node?.properties, kept], [{}, {}, undefined]);
    const reasons = JSON.stringify(events.at(-1)?.detail['reasons']);
    assert.match(reasons, /nothing is learnt: beside its MACs 0 of 100 points speak for it/);
  });

  test('refuse a machine: the operator reads why, the machine does not, and nothing is kept', async () => {
    const { told, node, kept } = await siteWith({ op: 'fail', args: ['not ours'] });
    assert.equal(told.status, 400);
    assert.doesNotMatch(JSON.stringify(told.body), /not ours/);
    assert.match(node?.last_error ?? '', /not ours/);
    assert.equal(kept, undefined);
  });

  test('write history once, however often a machine posts the same', async () => {
    for (const action of [
      { op: 'fail', args: ['not ours'] },
      { op: 'set-attribute', args: ['/extra/bmc', '{inventory[bmc_address]}'] },
    ]) {
      const { events, postAgain } = await siteWith(action);
      assert.equal(events.filter(({ event_type }) => event_type === 'inspected').length, 1);
      assert.equal(await postAgain(), events.length, action.op);
    }
  });

  test('are published with every change', async () => {
    const { call, services } = operatorServer();
    const published = async () => (await publishedRules(services.resources)).map(({ priority }) => priority);
    const actions = [{ op: 'log', args: ['x'] }];
    const { uuid } = (await call('POST', '/v1/inspection_rules', { actions })).json;
    await call('POST', '/v1/inspection_rules', { actions, priority: 7 });
    assert.deepEqual(await published(), [0, 7]);
    await call('PATCH', `/v1/inspection_rules/${uuid}`, [{ op: 'replace', path: '/priority', value: 3 }]);
    assert.deepEqual(await published(), [3, 7]);
    await call('DELETE', `/v1/inspection_rules/${uuid}`);
    assert.deepEqual(await published(), [7]);
    await call('DELETE', '/v1/inspection_rules');
    assert.deepEqual(await published(), []);
  });
});
