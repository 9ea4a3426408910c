import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Conflict, InvalidInput } from '../../shared/errors.ts';
import { diagram } from '../../shared/lifecycle/diagram.ts';
import { heartbeatAllowed, lookupAllowed, STATES } from '../../shared/lifecycle/states.ts';
import { findTransition, transition } from '../../shared/lifecycle/transition.ts';
import { VERBS } from '../../shared/lifecycle/verbs.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';

const AT = '2026-01-01T00:00:00.000000+00:00';
const inState = (provision_state: string, more: Partial<Node> = {}): Node =>
  newNode({ uuid: 'u', driver: 'fake-hardware', created_at: AT, interfaces: {}, provision_state, ...more });

/** Written from operator-api.md §4.2, one line a state: verb>first state. States without verbs have an empty line. */
const EXPECTED: Record<string, string> = {
  enroll: 'manage>verifying',
  manageable: 'provide>cleaning inspect>inspecting clean>cleaning adopt>adopting',
  available: 'manage>manageable active>deploying deploy>deploying',
  active: 'rebuild>deploying deleted>deleting undeploy>deleting rescue>rescuing service>servicing',
  'deploy failed': 'active>deploying deploy>deploying rebuild>deploying deleted>deleting undeploy>deleting',
  'wait call-back': 'deleted>deleting undeploy>deleting abort>deploy_failed',
  'deploy hold': 'abort>deploy_failed unhold>wait_call-back',
  error: 'deleted>deleting undeploy>deleting rebuild>deploying',
  'clean wait': 'abort>clean_failed',
  'clean hold': 'abort>clean_failed unhold>clean_wait',
  'clean failed': 'manage>manageable',
  'inspect wait': 'abort>inspect_failed',
  'inspect failed': 'manage>manageable inspect>inspecting',
  'adopt failed': 'manage>manageable adopt>adopting',
  rescue: 'rescue>rescuing unrescue>unrescuing deleted>deleting undeploy>deleting',
  'rescue wait': 'abort>rescue_failed deleted>deleting undeploy>deleting',
  'rescue failed': 'rescue>rescuing unrescue>unrescuing deleted>deleting undeploy>deleting',
  'unrescue failed': 'rescue>rescuing unrescue>unrescuing deleted>deleting undeploy>deleting',
  'service wait': 'abort>active deleted>deleting undeploy>deleting',
  'service hold': 'abort>active service>servicing unhold>service_wait',
  'service failed': 'abort>active service>servicing rescue>rescuing deleted>deleting undeploy>deleting',
  verifying: '',
  deploying: '',
  deleting: '',
  inspecting: '',
  adopting: '',
  rescuing: '',
  unrescuing: '',
  servicing: '',
  cleaning: '',
};

describe('verbs of an operator', () => {
  test('there are 30 states and 15 verbs', () => {
    assert.equal(STATES.length, 30);
    assert.equal(VERBS.length, 15);
    assert.deepEqual(Object.keys(EXPECTED).sort(), STATES.map(({ name }) => name).sort());
  });

  test('each state and verb: allowed with its first state, or 400 unlocked and 409 locked', () => {
    for (const { name: state } of STATES) {
      const allowed = new Map(
        (EXPECTED[state] ?? '')
          .split(' ')
          .filter(Boolean)
          .map((pair) => pair.split('>') as [string, string]),
      );
      for (const { name: verb } of VERBS) {
        const to = allowed.get(verb)?.replace('_', ' ');
        if (to === undefined) {
          assert.throws(() => findTransition(inState(state), verb, 'operator'), InvalidInput, `${state} ${verb}`);
          const locked = inState(state, { reservation: 'nodeless' });
          assert.throws(() => findTransition(locked, verb, 'operator'), Conflict, `${state} ${verb} locked`);
        } else {
          assert.equal(findTransition(inState(state), verb, 'operator').to, to, `${state} ${verb}`);
          assert.equal(transition(inState(state), verb, { at: AT }).provision_state, to, `${state} ${verb}`);
        }
      }
    }
  });
});

/** A walk: events with the state after them, its target, and whether the node is locked there. */
const walk = (node: Node, steps: [event: string, state: string, target: string | null, locked: boolean][]): Node => {
  for (const [event, state, target, locked] of steps) {
    node = transition(node, event, { at: AT });
    const seen = [event, node.provision_state, node.target_provision_state, node.reservation !== null];
    assert.deepEqual(seen, [event, state, target, locked]);
  }
  return node;
};

describe('walks', () => {
  test('enroll to available', () => {
    walk(inState('enroll'), [
      ['manage', 'verifying', 'manageable', true],
      ['done', 'manageable', null, false],
      ['provide', 'cleaning', 'available', true],
      ['wait', 'clean wait', 'available', false],
      ['resume', 'cleaning', 'available', true],
      ['done', 'available', null, false],
    ]);
  });

  test('deploy and undeploy forget the instance at the end of the teardown', () => {
    const instance = { instance_info: { image_source: 'x' }, instance_uuid: 'i', instance_name: 'n' };
    const deleting = walk(inState('available', instance), [
      ['active', 'deploying', 'active', true],
      ['wait', 'wait call-back', 'active', false],
      ['resume', 'deploying', 'active', true],
      ['done', 'active', null, false],
      ['deleted', 'deleting', 'available', true],
    ]);
    assert.equal(deleting.instance_uuid, 'i');
    const gone = walk(deleting, [
      ['clean', 'cleaning', 'available', true],
      ['done', 'available', null, false],
    ]);
    assert.deepEqual([gone.instance_info, gone.instance_uuid, gone.instance_name], [{}, null, null]);
  });

  test('a manual clean stays on its way to manageable, also when it fails', () => {
    walk(inState('manageable'), [
      ['clean', 'cleaning', 'manageable', true],
      ['wait', 'clean wait', 'manageable', false],
      ['resume', 'cleaning', 'manageable', true],
      ['manage', 'manageable', null, false],
    ]);
    const failed = walk(inState('manageable'), [
      ['clean', 'cleaning', 'manageable', true],
      ['fail', 'clean failed', 'manageable', false],
    ]);
    assert.equal(failed.maintenance, false, 'no fault was given, so nothing is blocked (T38)');
  });
});

describe('what belongs to a transition', () => {
  test('a new operation clears the last error, a failure writes it and keeps the target', () => {
    const failed = transition(inState('deploying', { target_provision_state: 'active' }), 'fail', {
      at: AT,
      error: 'no',
    });
    assert.deepEqual([failed.last_error, failed.target_provision_state, failed.reservation], ['no', 'active', null]);
    assert.equal(transition(failed, 'active', { at: AT }).last_error, null);
  });

  test('a failed verification is back in enroll with an error and without a target (T21)', () => {
    const back = transition(inState('verifying'), 'fail', { at: AT, error: 'wrong password' });
    assert.deepEqual([back.provision_state, back.target_provision_state], ['enroll', null]);
    assert.equal(back.last_error, 'wrong password');
  });

  test('an abort says aborted (T20)', () => {
    assert.match(transition(inState('inspect wait'), 'abort', { at: AT }).last_error ?? '', /aborted/);
  });

  test('a fault puts the node into maintenance', () => {
    const node = transition(inState('cleaning'), 'fail', { at: AT, error: 'disk', fault: 'clean failure' });
    assert.deepEqual([node.maintenance, node.fault], [true, 'clean failure']);
  });

  test('inspection times', () => {
    const started = transition(inState('manageable'), 'inspect', { at: AT });
    assert.equal(started.inspection_started_at, AT);
    const done = transition(started, 'done', { at: AT });
    assert.deepEqual([done.inspection_started_at, done.inspection_finished_at], [null, AT]);
  });
});

describe('what an agent may do', () => {
  test('lookup', () => {
    const always = STATES.filter(({ name }) => lookupAllowed(name, false)).map(({ name }) => name);
    assert.deepEqual(always.sort(), [
      'clean wait',
      'cleaning',
      'deploying',
      'inspect wait',
      'inspecting',
      'rescue wait',
      'rescuing',
      'service wait',
      'wait call-back',
    ]);
    for (const state of ['enroll', 'manageable', 'available', 'servicing', 'service hold']) {
      assert.equal(lookupAllowed(state, true), true, state);
    }
    for (const state of ['active', 'deploy failed', 'deleting']) assert.equal(lookupAllowed(state, true), false, state);
  });

  test('heartbeat', () => {
    assert.equal(heartbeatAllowed('wait call-back', false), true);
    assert.equal(heartbeatAllowed('available', false), false);
    assert.equal(heartbeatAllowed('available', true), true);
  });
});

test('the README shows the table', () => {
  const readme = readFileSync(new URL('../../shared/lifecycle/README.md', import.meta.url), 'utf8');
  assert.ok(readme.includes(diagram()), 'run shared/lifecycle/diagram.ts and paste its output');
});
