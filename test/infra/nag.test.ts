import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Finding } from '../../infra/nag.ts';
import { unsuppressed, unused } from '../../infra/nag.ts';
import { SUPPRESSIONS } from '../../infra/nag-suppressions.ts';
import { nagOf } from './template.ts';

/** Together they have everything that the options can add or leave away. */
const VARIANTS = [
  {},
  { operatorAuth: 'iam', dashboard: 'true', alarmTopic: 'arn:aws:sns:us-east-1:123456789012:t' },
  { disposable: 'true', accessLogs: 'false' },
  { tracing: 'true', vpc: 'vpc-0a', subnets: 'subnet-0a', securityGroups: 'sg-0a', agentSources: '10.0.0.0/8' },
];

describe('cdk-nag', () => {
  const found = VARIANTS.flatMap((options): Finding[] => nagOf(options));

  it('finds nothing that infra/nag-suppressions.ts does not justify', () => {
    assert.deepEqual([...new Set(unsuppressed(found))], []);
  });

  it('has no suppression for what it does not find', () => {
    assert.deepEqual(
      unused(found).map(({ rule, path }) => `${rule} at ${path.source}`),
      [],
    );
  });

  it('has a reason and one line for each suppression', () => {
    for (const { rule, reason } of SUPPRESSIONS) assert.match(reason, /^[A-Z].{30,}\.$/, rule);
  });

  it('is not silenced by a row for another place, rule or finding', () => {
    const finding = { rule: 'R', detail: 'Resource::*', path: 'A/Resource', description: '' };
    const row = { rule: 'R', path: /A\/Resource/, reason: '' };
    assert.deepEqual(unsuppressed([finding], [row]), []);
    for (const other of [
      { ...row, rule: 'S' },
      { ...row, path: /A/ },
      { ...row, finding: /Action::/ },
    ]) {
      assert.equal(unsuppressed([finding], [other]).length, 1);
      assert.deepEqual(unused([finding], [other]), [other]);
    }
  });
});
