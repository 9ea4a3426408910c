import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseNode, noNode } from '../../shared/allocation/choose-node.ts';
import { freed, guardBackfill, guardRelease } from '../../shared/allocation/release.ts';
import { withTemplates } from '../../shared/deploy-template/deploy-template.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

const WISH = {
  uuid: '00000000-0000-4000-8000-00000000000a',
  name: null,
  resource_class: 'metal',
  candidate_nodes: [],
  traits: [],
  owner: null,
};
const node = (uuid: string, more: Partial<Node> = {}): Node => ({
  ...newNode({ uuid, driver: 'fake-hardware', interfaces: {}, created_at: '2026-01-01T00:00:00+00:00' }),
  provision_state: 'available',
  power_state: 'power off',
  resource_class: 'metal',
  ...more,
});
const chosen = (wish: object, nodes: Node[]) =>
  chooseNode({ ...WISH, ...wish }, nodes).candidates.map(({ uuid }) => uuid);

describe('choosing a node', () => {
  test('takes what fits and nothing else', () => {
    assert.deepEqual(chosen({}, [node('a')]), ['a']);
    const refused: Partial<Node>[] = [
      { resource_class: 'other' },
      { resource_class: null },
      { provision_state: 'manageable' },
      { instance_uuid: WISH.uuid },
      { allocation_uuid: WISH.uuid },
      { maintenance: true },
      { power_state: null },
      { reservation: 'nodeless' },
    ];
    for (const why of refused) assert.deepEqual(chosen({}, [node('a', why)]), [], JSON.stringify(why));
    assert.deepEqual(chosen({ resource_class: null }, [node('a', { resource_class: null })]), []);
  });

  test('owner, candidates and traits narrow the choice', () => {
    assert.deepEqual(chosen({ owner: 'me' }, [node('a'), node('b', { owner: 'me' })]), ['b']);
    assert.deepEqual(chosen({ candidate_nodes: ['b'] }, [node('a'), node('b')]), ['b']);
    const traits = ['CUSTOM_A', 'CUSTOM_B'];
    assert.deepEqual(chosen({ traits }, [node('a', { traits: ['CUSTOM_A'] }), node('b', { traits })]), ['b']);
  });

  test('the namesake comes first, and the UUID decides where the others start', () => {
    const nodes = [node('a'), node('b', { name: 'wanted' }), node('c')];
    assert.equal(chosen({ name: 'wanted' }, nodes)[0], 'b');
    assert.deepEqual(chosen({ uuid: '00000002-0000-4000-8000-00000000000a' }, nodes), ['c', 'a', 'b']);
    assert.deepEqual(chosen({}, nodes), chosen({}, nodes));
  });

  test('says the class and why not', () => {
    const { reasons } = chooseNode(WISH, [node('a', { maintenance: true }), node('b', { maintenance: true })]);
    assert.match(noNode(WISH, reasons), /no available nodes match the resource class metal .*2 in maintenance/);
  });
});

describe('the end of an allocation', () => {
  const held = { allocation_uuid: WISH.uuid, instance_uuid: WISH.uuid };

  test('not while an instance runs or a run goes on; maintenance overrides the former', () => {
    guardRelease(node('a', held));
    assert.throws(() => guardRelease(node('a', { ...held, provision_state: 'active' })), /active/);
    assert.throws(() => guardRelease(node('a', { ...held, reservation: 'nodeless', maintenance: true })), /locked/);
    guardRelease(node('a', { ...held, provision_state: 'active', maintenance: true }));
  });

  test('a change that removes the instance frees the node; others do not', () => {
    const before = node('a', { ...held, instance_info: { traits: ['CUSTOM_A'], image_source: 'x' } });
    const other = { ...before, name: 'other' };
    assert.equal(freed(before, other), other);
    const after = freed(before, { ...before, instance_uuid: null });
    assert.deepEqual([after.allocation_uuid, after.instance_info], [null, { image_source: 'x' }]);
    assert.throws(() => freed({ ...before, provision_state: 'active' }, { ...before, instance_uuid: null }), /active/);
  });

  test('only an active node that is nobody’s is filled in', () => {
    const active = node('a', { provision_state: 'active' });
    guardBackfill(active, WISH);
    assert.throws(() => guardBackfill(node('a'), WISH), /must be active/);
    assert.throws(() => guardBackfill({ ...active, instance_uuid: 'x' }, WISH), /instance x/);
    assert.throws(() => guardBackfill({ ...active, allocation_uuid: 'x' }, WISH), /allocation x/);
    assert.throws(() => guardBackfill({ ...active, resource_class: 'other' }, WISH), /resource class/);
    assert.throws(() => guardBackfill(active, { ...WISH, traits: ['CUSTOM_A'] }), /lacks/);
  });
});

describe('deploy templates', () => {
  const step = (name: string, priority: number) => ({ interface: 'bios', step: name, args: {}, priority });
  const template = (name: string, steps: ReturnType<typeof step>[]) => ({
    uuid: name,
    name,
    steps,
    extra: {},
    created_at: '',
    updated_at: null,
    version: 1,
    schema: 1 as const,
  });

  test('only those of the instance’s traits, and what was asked for wins', () => {
    const templates = [template('CUSTOM_B', [step('x', 2), step('y', 3)]), template('CUSTOM_A', [step('z', 1)])];
    const steps = withTemplates({ instance_info: { traits: ['CUSTOM_B'] } }, templates, [step('x', 9)]);
    assert.deepEqual(steps, [step('x', 9), step('y', 3)]);
    assert.deepEqual(withTemplates({ instance_info: {} }, templates, []), []);
  });
});
