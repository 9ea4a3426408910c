import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { optionTable, readOptions } from '../../infra/options.ts';
import { noRouteToAgents } from '../../infra/route-to-agents.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { INBOX_LIMITS } from '../../shared/inbox/room.ts';
import { ofType, synth } from './template.ts';

describe('the options', () => {
  it('have defaults and take strings, as the command line gives them', () => {
    assert.equal(readOptions({}).name, 'Nodeless');
    const { disposable, sweepMinutes, agentSources } = readOptions({
      'nodeless:disposable': 'true',
      'nodeless:sweepMinutes': '10',
      'nodeless:agentSources': '10.0.0.0/8, 2001:db8::/32',
      'somebody:else': 'is not ours',
    });
    assert.deepEqual(
      { disposable, sweepMinutes, agentSources },
      { disposable: true, sweepMinutes: 10, agentSources: ['10.0.0.0/8', '2001:db8::/32'] },
    );
  });

  it('name every mistake in one error', () => {
    assert.throws(
      () =>
        readOptions({ 'nodeless:logDays': '31', 'nodeless:dispsable': 'true', 'nodeless:agentSources': '10.0.0.0/33' }),
      (error: Error) =>
        /nodeless:logDays: must be one of/.test(error.message) &&
        /nodeless:dispsable: there is no such option/.test(error.message) &&
        /nodeless:agentSources.*is not a network/.test(error.message),
    );
    assert.throws(() => readOptions({ 'nodeless:vpc': 'vpc-0a' }), /vpc, subnets and securityGroups belong together/);
  });

  it('let in operators by IAM at the gateway, instead of the password', () => {
    const methods = (api: string, given: Record<string, unknown>) =>
      ofType(synth(given).controlPlane, 'AWS::ApiGateway::Method')
        .filter(([name]) => name.startsWith(api))
        .map(([, { Properties }]) => Properties['AuthorizationType']);
    assert.deepEqual(methods('OperatorApi', {}), ['NONE', 'NONE']);
    const roles = { reader: ['arn:aws:iam::123456789012:role/Viewer'] };
    const given = { operatorAuth: 'iam', operatorRoles: JSON.stringify(roles), operatorSources: '203.0.113.0/24' };
    assert.deepEqual(methods('OperatorApi', given), ['AWS_IAM', 'AWS_IAM']);
    assert.ok(
      methods('AgentApi', given).every((type) => type === 'NONE'),
      'agents have their tokens',
    );
    const { controlPlane } = synth(given);
    const [, operator] =
      ofType(controlPlane, 'AWS::Lambda::Function').find(([name]) => name.startsWith('Operator')) ?? [];
    assert.ok(operator);
    const { Variables } = operator.Properties['Environment'] as { Variables: Record<string, string> };
    assert.equal(Variables['OPERATOR_AUTH'], 'iam');
    assert.deepEqual(JSON.parse(Variables['OPERATOR_ROLES'] ?? ''), roles);
    const statuses = ofType(controlPlane, 'AWS::ApiGateway::GatewayResponse').map(
      ([, { Properties }]) => Properties['StatusCode'],
    );
    assert.deepEqual(statuses.sort(), ['401', '404']);
    const [, api] =
      ofType(controlPlane, 'AWS::ApiGateway::RestApi').find(([name]) => name.startsWith('OperatorApi')) ?? [];
    assert.ok(api);
    const { Statement } = api.Properties['Policy'] as { Statement: { Effect: string }[] };
    const effects = Statement.map(({ Effect }) => Effect);
    assert.deepEqual(effects, ['Deny'], 'an Allow would let in everybody who can sign');
  });

  it('refuse roles that nothing would heed', () => {
    const roles = { reader: ['arn:aws:iam::123456789012:role/Viewer'] };
    assert.throws(() => readOptions({ 'nodeless:operatorRoles': roles }), /operatorRoles: needs operatorAuth=iam/);
    for (const wrong of ['{', { owner: roles.reader }, { reader: ['Viewer'] }, { reader: [] }]) {
      const given = { 'nodeless:operatorAuth': 'iam', 'nodeless:operatorRoles': wrong };
      assert.throws(() => readOptions(given), /nodeless:operatorRoles/);
    }
    assert.throws(() => readOptions({ 'nodeless:operatorAuth': 'none' }), /nodeless:operatorAuth/);
  });

  it('put reach, and nothing else, into a VPC', () => {
    const { controlPlane } = synth({ vpc: 'vpc-0a', subnets: 'subnet-0a,subnet-0b', securityGroups: 'sg-0a' });
    const inside = ofType(controlPlane, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => Properties['VpcConfig'],
    );
    assert.deepEqual(
      inside.map(([name, { Properties }]) => [name.replace(/[0-9A-F]{8}$/, ''), Properties['VpcConfig']]),
      [['Reach', { SecurityGroupIds: ['sg-0a'], SubnetIds: ['subnet-0a', 'subnet-0b'] }]],
    );
  });

  it('warn where nothing leads to the agents: no VPC, and private networks alone', () => {
    const of = (agentNetworks: string[], vpc?: string[]) => noRouteToAgents({ vpc }, { agentNetworks });
    assert.match(of(DEFAULTS.agentNetworks) ?? '', /^Agents are in 10\.0\.0\.0\/8, .*every deploy will fail/);
    assert.match(of(['192.168.7.0/24', 'fd00::/8']) ?? '', /nothing leads there/);
    assert.equal(of(DEFAULTS.agentNetworks, ['vpc-0a']), undefined);
    assert.equal(of([...DEFAULTS.agentNetworks, '203.0.113.0/24']), undefined);
    assert.equal(of(['2001:db8::/32']), undefined);
    assert.match(synth({}).warnings.join(), /every deploy will fail/);
    const inside = { vpc: 'vpc-0a', subnets: 'subnet-0a', securityGroups: 'sg-0a' };
    assert.doesNotMatch(synth(inside).warnings.join(), /every deploy will fail/);
  });

  it('keep what strangers posted as long as the inbox of the configuration does', () => {
    const daysWith = (options: Record<string, unknown>) =>
      ofType(synth(options).data, 'AWS::S3::Bucket').map(([, { Properties }]) => {
        const { Rules } = Properties['LifecycleConfiguration'] as { Rules: Record<string, unknown>[] };
        return Rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays]);
      });
    const submissions = (days: number) => [
      ['submissions/', days],
      ['vendor-calls/', 30],
    ];
    const folder = mkdtempSync(join(tmpdir(), 'nodeless-options-'));
    const file = join(folder, 'configuration.yaml');
    writeFileSync(file, 'inbox: { keepDays: 400 }\n');
    try {
      assert.deepEqual(daysWith({}), [submissions(INBOX_LIMITS.keepDays)]);
      assert.deepEqual(daysWith({ configuration: file }), [submissions(400)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('have a text each, which infra/README.md shows with the default', () => {
    const readme = readFileSync(resolve(import.meta.dirname, '../../infra/README.md'), 'utf8');
    for (const name of Object.keys(optionTable.shape)) {
      assert.match(readme, new RegExp(`^\\| \`${name}\` \\| [^|]*\\| \\S[^|]{10,} \\|$`, 'm'), name);
    }
    assert.match(readme, /^\| `logDays` \| `30` \|/m);
  });
});
