import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { applyRules } from '../../shared/inspection-rules/apply-rules.ts';
import type { InspectionRule } from '../../shared/inspection-rules/inspection-rule.ts';
import type { JsonObject } from '../../shared/json.ts';
import { newNode, newPort } from '../../shared/node/new-node.ts';

const NODE = newNode({ uuid: 'n', driver: 'fake-hardware', interfaces: {}, created_at: '2026-01-01T00:00:00+00:00' });
const MAC = '52:54:00:00:00:0a';
const PORT = newPort({ uuid: 'p', address: MAC, node_uuid: 'n', created_at: '2026-01-01T00:00:00+00:00' });
const INVENTORY = { bmc_address: '10.0.0.7', interfaces: [{ mac_address: 'aa' }], bmc_password: 'secret' };
const rule = (more: Partial<InspectionRule>): InspectionRule => ({
  uuid: 'r',
  description: null,
  priority: 0,
  phase: 'main',
  sensitive: false,
  conditions: [],
  actions: [{ op: 'set-attribute', args: ['/extra/hit', 'yes'] }],
  created_at: '',
  updated_at: null,
  version: 1,
  schema: 1,
  ...more,
});
const run = (...rules: Partial<InspectionRule>[]) =>
  applyRules(rules.map(rule), { node: NODE, ports: [PORT], inventory: INVENTORY, pluginData: {} });
const hits = (condition: JsonObject): boolean => run({ conditions: [condition] }).applied.length === 1;

describe('inspection rules', () => {
  test('conditions', () => {
    const cases: [boolean, string, JsonObject | unknown[]][] = [
      [true, 'eq', { values: ['{node.driver}', 'fake-hardware'] }],
      [false, '!eq', { values: ['{node.driver}', 'fake-hardware'] }],
      [false, 'gt', { values: [1, 2] }],
      [true, 'lt', { values: [1, 2, 3] }],
      [true, 'is-empty', ['{inventory[nothing]}']],
      [false, 'is-empty', ['{inventory[bmc_address]}']],
      [true, 'is-true', ['Yes']],
      [false, 'is-true', [0]],
      [true, 'is-false', [null]],
      [true, 'in-net', ['{inventory[bmc_address]}', '10.0.0.0/24']],
      [false, 'in-net', ['{inventory[bmc_address]}', '10.0.1.0/24']],
      [false, 'matches', ['{inventory[bmc_address]}', '10']],
      [true, 'contains', ['{inventory[interfaces][0][mac_address]}', 'a']],
      [true, 'one-of', ['b', ['a', 'b']]],
    ];
    for (const [expected, op, args] of cases) {
      assert.equal(hits({ op, args: args as JsonObject }), expected, `${op} ${JSON.stringify(args)}`);
    }
    const loop = { op: 'eq', args: { values: ['{item}', 'b'] }, loop: ['a', 'b'] };
    assert.deepEqual([hits(loop), hits({ ...loop, multiple: 'all' })], [true, false]);
  });

  test('actions, the highest priority first', () => {
    const { node, pluginData, log, applied } = run(
      { uuid: 'low', actions: [{ op: 'set-attribute', args: ['extra.order', 'low'] }] },
      {
        uuid: 'high',
        priority: 9,
        actions: [
          { op: 'set-attribute', args: ['/extra/order', 'high'] },
          { op: 'set-attribute', args: ['driver_info/address', '{inventory[bmc_address]}'] },
          {
            op: 'extend-attribute',
            args: { path: 'extra/list', value: '{item}', unique: true },
            loop: ['a', 'b', 'a'],
          },
          { op: 'set-capability', args: ['boot_mode', 'uefi'] },
          { op: 'add-trait', args: ['CUSTOM_A'] },
          { op: 'set-plugin-data', args: ['a.b', 'c'] },
          { op: 'log', args: ['{inventory[bmc_password]}'] },
        ],
      },
    );
    assert.deepEqual(node.extra, { order: 'low', list: ['a', 'b'] });
    assert.deepEqual(node.driver_info, { address: '10.0.0.7' });
    assert.deepEqual([node.properties.capabilities, node.traits], ['boot_mode:uefi', ['CUSTOM_A']]);
    assert.deepEqual([pluginData, log, applied], [{ a: { b: 'c' } }, ['***'], ['high', 'low']]);
  });

  test('actions on ports, by UUID or by MAC', () => {
    const { ports, failed } = run({
      actions: [
        { op: 'set-port-attribute', args: ['p', 'physical_network', 'from-{inventory[bmc_address]}'] },
        { op: 'set-port-attribute', args: ['p', '/pxe_enabled', 'False'] },
        {
          op: 'set-port-attribute',
          args: { port_id: '{item}', path: 'extra/seen', value: 'yes' },
          loop: [MAC.toUpperCase()],
        },
        {
          op: 'extend-port-attribute',
          args: { port_id: 'p', path: 'extra.list', value: 'a', unique: true },
          loop: [1, 2],
        },
        { op: 'set-port-attribute', args: ['p', 'category', 'x'] },
        { op: 'del-port-attribute', args: ['p', 'category'] },
      ],
    });
    assert.equal(failed, null);
    const changed = { physical_network: 'from-10.0.0.7', pxe_enabled: false, extra: { seen: 'yes', list: ['a'] } };
    assert.deepEqual(ports, [{ ...PORT, ...changed }]);
  });

  test('an error ends it, and node and ports stay as they were', () => {
    const first = { uuid: 'first', priority: 1 };
    const wrong: JsonObject[] = [
      { op: 'fail', args: ['not today'] },
      { op: 'set-attribute', args: ['provision_state', 'active'] },
      { op: 'set-attribute', args: ['driver', 'other'] },
      { op: 'set-attribute', args: ['driver_info/ipmi_password', 'x'] },
      { op: 'set-attribute', args: ['name', 'a b'] },
      { op: 'del-attribute', args: ['extra/nothing'] },
      { op: 'add-trait', args: ['wrong'] },
      { op: 'set-port-attribute', args: ['another', 'extra/a', 'b'] },
      { op: 'set-port-attribute', args: ['p', 'address', '52:54:00:00:00:0b'] },
      { op: 'set-port-attribute', args: ['p', 'node_uuid', 'another'] },
      { op: 'set-port-attribute', args: ['p', 'pxe_enabled', 'perhaps'] },
      { op: 'extend-port-attribute', args: ['p', 'pxe_enabled', 'x'] },
      { op: 'del-port-attribute', args: ['p', 'extra/nothing'] },
    ];
    for (const action of wrong) {
      const set = { op: 'set-port-attribute', args: ['p', 'extra/first', 'yes'] };
      const { failed, node, ports } = run(first, { actions: [set, action] });
      assert.ok(failed, JSON.stringify(action));
      assert.equal(node, NODE);
      assert.deepEqual(ports, [PORT]);
    }
    assert.match(run({ actions: [{ op: 'fail', args: ['not today'] }] }).failed ?? '', /not today/);
    assert.match(run({ conditions: [{ op: 'gt', args: [['1', 2]] }] }).failed ?? '', /compared/);
    assert.match(run({ conditions: [{ op: 'matches', args: ['a', '('] }] }).failed ?? '', /r: /);
  });
});
