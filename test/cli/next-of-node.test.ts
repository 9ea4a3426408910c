import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInTrouble, nextOfNode } from '../../infra/cli/next-of-node.ts';
import { STATES } from '../../shared/lifecycle/states.ts';

const node = (provision_state: string, more = {}) => ({ uuid: 'u', name: 'rack1', provision_state, ...more });

describe('what to do next about a node', () => {
  for (const { name, class: kind } of STATES.filter((one) => ['failure', 'wait', 'hold'].includes(one.class))) {
    it(`in ${name} is said, with its name`, () => {
      assert.match(nextOfNode(node(name)) ?? '', /rack1/);
      assert.equal(isInTrouble(node(name)), kind === 'failure');
    });
  }

  it('after a verification that failed is in the last error', () => {
    const broken = node('enroll', { last_error: 'the BMC refused the password' });
    assert.match(nextOfNode(broken) ?? '', /last error[\s\S]*timeline rack1/);
    assert.ok(isInTrouble(broken));
    assert.match(nextOfNode(node('enroll', { name: null })) ?? '', /node manage u/);
  });

  it('in maintenance is to end it, beside what its state asks for', () => {
    const lost = node('clean failed', { maintenance: true });
    assert.match(nextOfNode(lost) ?? '', /timeline rack1[\s\S]*\n.*maintenance unset rack1/);
  });

  it('in maintenance that a silent BMC caused is in the last error: it ends by itself', () => {
    const silent = { maintenance: true, fault: 'power failure', last_error: 'the BMC does not answer' };
    assert.doesNotMatch(nextOfNode(node('available', silent)) ?? '', /maintenance unset/);
  });

  it('that waits for a person is what that person has to do', () => {
    const asked = { driver_internal_info: { nodeless_waits_for: 'a person. Switch it off by hand' } };
    assert.match(nextOfNode(node('clean wait', asked)) ?? '', /by hand what it waits for, and to report it/);
  });

  it('whose run the maintenance froze is to end it', () => {
    const said = nextOfNode(node('clean wait', { maintenance: true, fault: null })) ?? '';
    assert.match(said, /stands still until the maintenance ends[\s\S]*maintenance unset rack1/);
    assert.doesNotMatch(said, /abort/);
  });

  it('where all is well is nothing', () => {
    for (const state of ['available', 'active', 'manageable', 'cleaning'])
      assert.equal(nextOfNode(node(state)), undefined);
  });
});
