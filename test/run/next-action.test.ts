import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { transitionFrom } from '../../shared/lifecycle/transitions.ts';
import { nextAction } from '../../shared/run/next-action.ts';
import type { FlowName } from '../../shared/run/run.ts';

/** Flow, where it failed, where that leads, a verb that goes on from there, and the words for it. */
const ROWS: readonly [flow: FlowName, in_: string, to: string, verb: string, words: RegExp][] = [
  ['verify', 'verifying', 'enroll', 'manage', /set the node to manage again/],
  ['inspect', 'inspect wait', 'inspect failed', 'inspect', /start the inspect again/],
  ['provide', 'cleaning', 'clean failed', 'manage', /set the node to manage, then provide/],
  ['clean', 'clean wait', 'clean failed', 'manage', /set the node to manage, then clean/],
  ['undeploy', 'deleting', 'error', 'deleted', /start the undeploy again/],
  ['undeploy', 'clean wait', 'clean failed', 'manage', /set the node to manage, then provide/],
  ['deploy', 'wait call-back', 'deploy failed', 'active', /start the deploy again/],
  ['rebuild', 'deploying', 'deploy failed', 'rebuild', /start the rebuild again/],
  ['rescue', 'rescue wait', 'rescue failed', 'rescue', /start the rescue again/],
  ['unrescue', 'unrescuing', 'unrescue failed', 'unrescue', /start the unrescue again/],
  ['service', 'service wait', 'service failed', 'service', /start the service again, or abort/],
  ['adopt', 'adopting', 'adopt failed', 'adopt', /start the adopt again/],
];

describe('what a failed run says to do next', () => {
  for (const [flow, state, failed, verb, words] of ROWS) {
    it(`${flow}, from ${state}: ${verb} is a verb of ${failed}`, () => {
      assert.equal(transitionFrom(state, 'fail')?.to, failed);
      assert.equal(transitionFrom(failed, verb)?.by, 'operator');
      assert.match(nextAction(flow, { provision_state: state }), words);
    });
  }

  it('a fault sets maintenance, which ends first', () => {
    assert.match(nextAction('provide', { provision_state: 'cleaning' }, 'clean failure'), /^end the maintenance, set/);
  });
});
