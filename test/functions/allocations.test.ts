import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Allocation } from '../../shared/allocation/allocation.ts';
import { Allocations } from '../../shared/allocation/allocations.ts';
import { timestamp } from '../../shared/clock.ts';
import type { Node } from '../../shared/node/node.ts';
import { faultOf, operatorServer } from './operator-server.ts';

const UUID = '11111111-0000-4000-8000-000000000001';

async function withNode(more: Partial<Node> = {}) {
  const server = operatorServer();
  const body = { driver: 'fake-hardware', name: 'one', resource_class: 'metal' };
  const { uuid } = (await server.call('POST', '/v1/nodes', body)).json;
  const row = async (): Promise<Node> => {
    const node = await server.services.nodes.get(uuid);
    assert.ok(node);
    return node;
  };
  const put = async (change: Partial<Node>) => server.services.nodes.replace({ ...(await row()), ...change });
  await put({ provision_state: 'available', power_state: 'power off', ...more });
  const allocate = (wish: object = {}, version?: string) =>
    server.call('POST', '/v1/allocations', { resource_class: 'metal', ...wish }, version);
  const shown = async (ident: string) => (await server.call('GET', `/v1/allocations/${ident}`)).json;
  return { ...server, uuid, row, put, allocate, shown };
}

describe('allocations', () => {
  test('the answer is the wish, the next GET the outcome (T13); DELETE frees the node', async () => {
    const { allocate, shown, row, call, uuid } = await withNode({ traits: ['CUSTOM_A'] });
    const created = await allocate({ name: 'mine', traits: ['CUSTOM_A'], candidate_nodes: ['one'] });
    assert.equal(created.status, 201, created.body);
    assert.deepEqual([created.json.state, created.json.node_uuid], ['allocating', null]);
    assert.deepEqual(created.json.candidate_nodes, [uuid]);
    const after = await shown('mine');
    assert.deepEqual([after.state, after.node_uuid, after.last_error], ['active', uuid, null]);
    const held = await row();
    assert.deepEqual([held.instance_uuid, held.allocation_uuid], [after.uuid, after.uuid]);
    assert.deepEqual(held.instance_info, { traits: ['CUSTOM_A'] });
    assert.equal((await call('GET', `/v1/nodes/${uuid}/allocation`)).json.uuid, after.uuid);
    assert.equal((await call('GET', '/v1/allocations?node=one&state=active')).json.allocations.length, 1);
    assert.equal((await call('GET', '/v1/allocations?state=error')).json.allocations.length, 0);
    assert.equal((await call('DELETE', '/v1/allocations/mine')).status, 204);
    assert.deepEqual([(await row()).instance_uuid, (await row()).allocation_uuid], [null, null]);
    assert.equal((await call('GET', '/v1/allocations/mine')).status, 404);
    assert.equal((await call('GET', `/v1/nodes/${uuid}/allocation`)).status, 404);
  });

  test('without a node it ends in error, with the words that clients look for', async () => {
    const { allocate, shown } = await withNode({ maintenance: true });
    const failed = await shown((await allocate()).json.uuid);
    assert.equal(failed.state, 'error');
    assert.match(failed.last_error, /no available nodes match the resource class metal/);
  });

  test('many at once: each node once', async () => {
    const { allocate, shown } = await withNode();
    const answers = await Promise.all([1, 2, 3, 4].map(() => allocate()));
    const states = await Promise.all(answers.map(async ({ json }) => (await shown(json.uuid)).state));
    assert.deepEqual(states.sort(), ['active', 'error', 'error', 'error']);
  });

  test('what a dead function left on its way is settled by the sweep, with the node that it holds', async () => {
    const { services, uuid, row, shown } = await withNode();
    const wish = (id: string, created_at: string): Allocation => ({
      ...{ uuid: id, version: 1, schema: 1, name: null, resource_class: 'metal', state: 'allocating', node_uuid: null },
      ...{ candidate_nodes: [], traits: [], extra: {}, last_error: null, owner: null, created_at, updated_at: null },
    });
    const [holder, late, young] = [
      wish('11111111-0000-4000-8000-00000000000a', '2025-12-31T00:00:00.000000+00:00'),
      wish('11111111-0000-4000-8000-00000000000b', '2025-12-31T00:00:00.000000+00:00'),
      wish('11111111-0000-4000-8000-00000000000c', timestamp(services.clock.now())),
    ];
    for (const one of [holder, late, young]) await services.resources.create('allocation', one, []);
    await services.nodes.replace({ ...(await row()), instance_uuid: holder.uuid, allocation_uuid: holder.uuid });
    const settled = await new Allocations(services).finishStale(await services.nodes.list());
    assert.deepEqual(settled.sort(), [holder.uuid, late.uuid]);
    assert.deepEqual([(await shown(holder.uuid)).state, (await shown(holder.uuid)).node_uuid], ['active', uuid]);
    assert.equal((await shown(late.uuid)).state, 'error');
    assert.equal((await shown(young.uuid)).state, 'allocating');
    assert.deepEqual(await new Allocations(services).finishStale(await services.nodes.list()), []);
  });

  test('refuses what is wrong', async () => {
    const { allocate, call } = await withNode();
    assert.equal((await allocate({ name: 'mine', uuid: UUID })).status, 201);
    const cases: [number, object][] = [
      [400, { resource_class: null }],
      [400, { candidate_nodes: ['nobody'] }],
      [400, { traits: ['wrong'] }],
      [400, { name: 'a b' }],
      [400, { colour: 'red' }],
      [400, { state: 'active' }],
      [400, { node: 'nobody' }],
      [409, { name: 'mine' }],
      [409, { uuid: UUID }],
      [409, { node: 'one' }],
    ];
    for (const [status, wish] of cases) assert.equal((await allocate(wish)).status, status, JSON.stringify(wish));
    assert.equal((await allocate({ owner: 'me' }, '1.59')).status, 406);
    assert.equal((await allocate({}, '1.51')).status, 405);
    assert.equal((await call('GET', '/v1/allocations', undefined, '1.51')).status, 404);
    assert.equal((await call('GET', '/v1/nodes/one/allocation', undefined, '1.51')).status, 404);
    assert.equal((await call('GET', '/v1/nodes/nobody/allocation')).status, 400);
    assert.equal((await call('DELETE', '/v1/nodes/nobody/allocation')).status, 404);
    assert.equal((await call('PATCH', '/v1/allocations/mine', [], '1.56')).status, 405);
    const patch = [{ op: 'replace', path: '/resource_class', value: 'other' }];
    assert.equal((await call('PATCH', '/v1/allocations/mine', patch)).status, 400);
    const renamed = await call('PATCH', '/v1/allocations/mine', [{ op: 'add', path: '/name', value: 'yours' }]);
    assert.deepEqual([renamed.status, renamed.json.name], [200, 'yours']);
  });

  test('an active node keeps it, a node in maintenance does not', async () => {
    const { allocate, call, put, row } = await withNode();
    await allocate({ name: 'mine' });
    await put({ provision_state: 'active' });
    assert.equal((await call('DELETE', '/v1/allocations/mine')).status, 409);
    assert.equal((await call('DELETE', '/v1/nodes/one/allocation')).status, 409);
    const patch = [{ op: 'remove', path: '/instance_uuid' }];
    assert.equal((await call('PATCH', '/v1/nodes/one', patch)).status, 409);
    assert.equal((await row()).instance_uuid, (await row()).allocation_uuid);
    await put({ maintenance: true });
    assert.equal((await call('PATCH', '/v1/nodes/one', patch)).status, 200);
    assert.equal((await row()).allocation_uuid, null);
    assert.equal((await call('GET', '/v1/allocations/mine')).status, 404);
  });

  test('fills in an active node, and goes with its instance', async () => {
    const { allocate, call, put, row, uuid } = await withNode();
    assert.equal((await allocate({ node: 'one' })).status, 409);
    await put({ provision_state: 'active', instance_uuid: UUID });
    assert.equal((await allocate({ node: 'one' }, '1.57')).status, 400, 'as any key that is unknown there');
    const filled = await call('POST', '/v1/allocations', { node: 'one' });
    assert.equal(filled.status, 201, filled.body);
    assert.deepEqual([filled.json.uuid, filled.json.state, filled.json.node_uuid], [UUID, 'active', uuid]);
    assert.equal((await call('PUT', '/v1/nodes/one/states/provision', { target: 'deleted' })).status, 202);
    assert.equal((await row()).allocation_uuid, null);
    assert.equal((await call('GET', `/v1/allocations/${UUID}`)).status, 404);
  });
});

const STEP = { interface: 'bios', step: 'apply_configuration', args: {} };

describe('deploy templates', () => {
  test('refuse what is wrong and add to the deploy of an instance with their trait', async () => {
    const { call, put, row } = await withNode();
    const steps = [{ ...STEP, priority: 150 }];
    const post = (body: object, version?: string) => call('POST', '/v1/deploy_templates', body, version);
    assert.equal((await post({ name: 'CUSTOM_T', steps })).status, 201);
    const cases: [number, object][] = [
      [409, { name: 'CUSTOM_T', steps }],
      [400, { name: 'free-name', steps }],
      [400, { name: 'CUSTOM_U' }],
      [400, { name: 'CUSTOM_U', steps: [] }],
      [400, { name: 'CUSTOM_U', steps: [...steps, ...steps] }],
      [400, { name: 'CUSTOM_U', steps: [STEP] }],
      [400, { name: 'CUSTOM_U', steps: [{ ...STEP, priority: 1, interface: 'colour' }] }],
    ];
    for (const [status, body] of cases) assert.equal((await post(body)).status, status, JSON.stringify(body));
    assert.equal((await post({ name: 'CUSTOM_U', steps }, '1.54')).status, 405);
    assert.equal((await call('GET', '/v1/deploy_templates', undefined, '1.54')).status, 404);

    await put({ interfaces: { ...(await row()).interfaces, deploy_interface: 'direct' } });
    await put({
      instance_info: { traits: ['CUSTOM_T'], image_source: 'http://images/one.qcow2', image_checksum: 'a' },
    });
    const deployed = await call('PUT', '/v1/nodes/one/states/provision', { target: 'active' });
    assert.equal(deployed.status, 202, deployed.body);
    const plan = (await row()).run?.phases.find(({ kind }) => kind === 'plan');
    assert.deepEqual(plan, { kind: 'plan', of: 'deploy', requested: steps });
  });
});

describe('runbooks', () => {
  test('clean a node that carries their trait, and no other', async () => {
    const { call, put, row } = await withNode();
    const steps = [
      { ...STEP, order: 2 },
      { interface: 'deploy', step: 'reboot', args: {}, order: 1 },
    ];
    const post = (body: object, version?: string) => call('POST', '/v1/runbooks', body, version);
    assert.equal((await post({ name: 'CUSTOM_R', steps }, '1.92')).status, 201);
    assert.equal((await post({ name: 'free-name', steps }, '1.111')).status, 400);
    assert.equal((await post({ name: 'free-name', steps })).status, 201);
    assert.equal((await post({ name: 'CUSTOM_S', steps, public: true, owner: 'me' })).status, 400);
    assert.equal((await post({ name: 'CUSTOM_S', steps: [{ ...STEP, order: 'x' }] })).status, 400);
    assert.equal((await post({ name: 'CUSTOM_S', steps }, '1.91')).status, 405);

    await put({ provision_state: 'manageable' });
    const clean = (body: object, version?: string) =>
      call('PUT', '/v1/nodes/one/states/provision', { target: 'clean', ...body }, version);
    assert.match(faultOf(await clean({ runbook: 'CUSTOM_R' })), /needs one of the traits CUSTOM_R/);
    await put({ traits: ['CUSTOM_R'] });
    const cases: [number, object, string?][] = [
      [400, { runbook: 'CUSTOM_R', clean_steps: steps }],
      [400, { runbook: 7 }],
      [404, { runbook: 'CUSTOM_NONE' }],
      [400, { target: 'active', runbook: 'CUSTOM_R' }],
      [406, { runbook: 'CUSTOM_R' }, '1.91'],
    ];
    for (const [status, body, version] of cases) {
      assert.equal((await clean(body, version)).status, status, JSON.stringify(body));
    }
    await put({ interfaces: { ...(await row()).interfaces, deploy_interface: 'direct' } });
    assert.equal((await clean({ runbook: 'CUSTOM_R' })).status, 202);
    const plan = (await row()).run?.phases.find(({ kind }) => kind === 'plan');
    assert.deepEqual(plan, { kind: 'plan', of: 'clean', requested: [steps[1], steps[0]] });
  });

  test('need no ramdisk when they say so, unless the request says otherwise', async () => {
    const { call, put, row } = await withNode();
    const steps = [{ interface: 'deploy', step: 'wait', args: { seconds: 1 }, order: 1 }];
    await call('POST', '/v1/runbooks', { name: 'CUSTOM_R', steps, disable_ramdisk: true });
    const cleaned = async (more: object) => {
      const interfaces = { ...(await row()).interfaces, deploy_interface: 'direct' };
      await put({ provision_state: 'manageable', reservation: null, run: null, traits: ['CUSTOM_R'], interfaces });
      const body = { target: 'clean', runbook: 'CUSTOM_R', ...more };
      const { status, body: why } = await call('PUT', '/v1/nodes/one/states/provision', body);
      assert.equal(status, 202, why);
      return (await row()).run?.phases.some(({ kind }) => kind === 'plan');
    };
    assert.equal(await cleaned({}), false);
    assert.equal(await cleaned({ disable_ramdisk: false }), true);
  });

  test('traits of their own', async () => {
    const { call } = operatorServer();
    await call('POST', '/v1/runbooks', { name: 'CUSTOM_R', steps: [{ ...STEP, order: 1 }] });
    assert.equal((await call('PUT', '/v1/runbooks/CUSTOM_R/traits', { traits: ['CUSTOM_B', 'CUSTOM_A'] })).status, 204);
    assert.equal((await call('PUT', '/v1/runbooks/CUSTOM_R/traits/CUSTOM_C')).status, 204);
    assert.equal((await call('PUT', '/v1/runbooks/CUSTOM_R/traits/wrong')).status, 400);
    assert.equal((await call('DELETE', '/v1/runbooks/CUSTOM_R/traits/CUSTOM_A')).status, 204);
    assert.equal((await call('DELETE', '/v1/runbooks/CUSTOM_R/traits/CUSTOM_A')).status, 204);
    const { json } = await call('GET', '/v1/runbooks/CUSTOM_R/traits');
    assert.deepEqual(json, { traits: ['CUSTOM_B', 'CUSTOM_C'] });
    assert.equal((await call('GET', '/v1/runbooks/CUSTOM_R/traits', undefined, '1.111')).status, 404);
    assert.equal((await call('DELETE', '/v1/runbooks/CUSTOM_R/traits')).status, 204);
  });
});

describe('inspection rules', () => {
  const RULE = { actions: [{ op: 'set-attribute', args: ['/extra/a', 'b'] }] };

  test('are checked, hidden when sensitive, and deleted all at once', async () => {
    const { call } = operatorServer();
    const post = (body: object, version?: string) => call('POST', '/v1/inspection_rules', body, version);
    const made = await post({ ...RULE, conditions: [{ op: '!eq', args: { values: ['{node.driver}', 'x'] } }] });
    assert.equal(made.status, 201, made.body);
    assert.deepEqual([made.json.priority, made.json.phase, made.json.sensitive], [0, 'main', false]);
    const cases: object[] = [
      {},
      { actions: [] },
      { actions: [{ op: 'dance', args: [] }] },
      { actions: [{ op: 'api-call', args: { url: 'http://169.254.169.254/' } }] },
      { actions: [{ op: 'set-port-attribute', args: ['extra/a', 'b'] }] },
      { actions: [{ op: 'set-attribute', args: ['/extra/a'] }] },
      { actions: [{ op: 'set-attribute', args: { path: 'a', value: 'b', colour: 'c' } }] },
      { actions: [{ op: 'fail', args: ['a', 'b'] }] },
      { ...RULE, conditions: [{ op: 'le', args: [[1, 2]] }] },
      { ...RULE, conditions: [{ op: 'is-true', args: ['1'], multiple: 'some' }] },
      { ...RULE, priority: 10000 },
      { ...RULE, phase: 'late' },
    ];
    for (const body of cases) assert.equal((await post(body)).status, 400, JSON.stringify(body));
    assert.equal((await post(RULE, '1.95')).status, 405);
    assert.equal((await call('GET', '/v1/inspection_rules', undefined, '1.95')).status, 404);

    const hidden = await post({ ...RULE, sensitive: true });
    assert.deepEqual([hidden.json.actions, hidden.json.conditions], [null, null]);
    const path = `/v1/inspection_rules/${hidden.json.uuid}`;
    assert.equal((await call('PATCH', path, [{ op: 'replace', path: '/sensitive', value: false }])).status, 400);
    assert.equal((await call('PATCH', path, [{ op: 'add', path: '/description', value: 'x' }])).json.actions, null);
    assert.equal((await call('DELETE', '/v1/inspection_rules', undefined, '1.95')).status, 405);
    assert.equal((await call('DELETE', '/v1/inspection_rules')).status, 204);
    assert.deepEqual((await call('GET', '/v1/inspection_rules')).json, { inspection_rules: [] });
  });
});
