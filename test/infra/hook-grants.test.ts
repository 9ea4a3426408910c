import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hookGrants, hookProblems } from '../../infra/hook-grants.ts';
import { FUNCTION_NAMES } from '../../infra/permissions.ts';
import type { HookTarget } from '../../shared/hook/hook-port.ts';

const FUNCTION = 'arn:aws:lambda:eu-west-1:123456789012:function:dc';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:array';
const HOOKS: Record<string, HookTarget> = {
  dc: { function: FUNCTION },
  array: {
    url: 'https://array.example/',
    secret: SECRET,
    methods: { request_volume: { description: 'a volume', audience: 'agent' } },
  },
};
const arnsOf = (name: (typeof FUNCTION_NAMES)[number]) => hookGrants(name, HOOKS).flatMap(({ arns }) => arns);

describe('rights on hooks', () => {
  it('are on the declared ARNs, for those that call them', () => {
    for (const name of ['operator', 'agent-lookup', 'workflow-advance', 'vendor-work'] as const) {
      assert.deepEqual(arnsOf(name), [FUNCTION, SECRET], name);
    }
  });
  it('of machines’ own calls are on what is offered to machines', () => {
    assert.deepEqual(arnsOf('agent-passthru'), [SECRET]);
  });
  it('have nobody else, and nobody has any where nothing is declared', () => {
    for (const name of ['agent-root', 'agent-heartbeat', 'reach', 'stream-publish'] as const) {
      assert.deepEqual(arnsOf(name), [], name);
    }
    for (const name of FUNCTION_NAMES)
      assert.ok(
        hookGrants(name, {}).every(({ arns }) => arns.length === 0),
        name,
      );
  });
  it('need secrets that Lambda can read', () => {
    assert.deepEqual(hookProblems(HOOKS), []);
    const local = { vlan: { url: 'https://v.example/', secret: 'env:VLAN_SECRET' } };
    assert.match(hookProblems(local).join(), /^hooks\.vlan\.secret: on AWS the ARN of a secret/);
  });
});
