import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AGENT_FUNCTIONS, routesOf } from '../../functions/lambda/agent-routes.ts';
import { ROUTES } from '../../functions/routes.ts';
import { ACCESS_LOG_FIELDS } from '../../infra/constructs/rest-apis.ts';
import { FUNCTION_NAMES } from '../../infra/permissions.ts';
import { admitted } from './admitted.ts';
import { granted } from './granted.ts';
import { ofType, synth, synthFrom } from './template.ts';

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));
const committed = read('permissions.json');
const first = synth();
const all = { ...first.data, ...first.controlPlane };

/** Another kind may permit something in a way that granted.ts and admitted.ts do not read: look, then add it. */
const KINDS = [
  'AWS::ApiGateway::Account',
  'AWS::ApiGateway::Deployment',
  'AWS::ApiGateway::GatewayResponse',
  'AWS::ApiGateway::Method',
  'AWS::ApiGateway::Resource',
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::Events::Rule',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::Permission',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
];

const SCAN = { Effect: 'Allow', Action: 'dynamodb:Scan', Resource: { 'Fn::GetAtt': ['SecretsTable01234567', 'Arn'] } };
const HEARTBEAT = { Ref: 'AgentHeartbeatRole01234567' };
const ANYBODY = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'dynamodb:Scan', Resource: '*' };
/** Other kinds of resources are refused as such. */
const WAYS_ROUND: readonly [how: string, type: string, properties: Record<string, unknown>][] = [
  ['a managed policy', 'AWS::IAM::ManagedPolicy', { Roles: [HEARTBEAT], PolicyDocument: { Statement: [SCAN] } }],
  ['a policy of a role', 'AWS::IAM::RolePolicy', { RoleName: HEARTBEAT, PolicyDocument: { Statement: [SCAN] } }],
  ['a policy inside a role', 'AWS::IAM::Role', { Policies: [{ PolicyDocument: { Statement: [SCAN] } }] }],
  [
    'the second role of a policy',
    'AWS::IAM::Policy',
    {
      // The first one has this right.
      Roles: [{ Ref: 'OperatorRole01234567' }, HEARTBEAT],
      PolicyDocument: { Statement: [{ ...SCAN, Action: 'dynamodb:GetItem' }] },
    },
  ],
  [
    'a condition less',
    'AWS::IAM::Policy',
    {
      Roles: [{ Ref: 'AgentPassthruRole01234567' }],
      PolicyDocument: {
        Statement: [{ ...SCAN, Action: 's3:ListBucket', Resource: { Ref: 'Documents01234567' } }],
      },
    },
  ],
  [
    'all actions but one',
    'AWS::IAM::Policy',
    { Roles: [HEARTBEAT], PolicyDocument: { Statement: [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }] } },
  ],
  [
    'a permission for everybody',
    'AWS::Lambda::Permission',
    { FunctionName: { Ref: 'Reach01234567' }, Principal: '*', Action: 'lambda:InvokeFunction' },
  ],
  ['the policy of a table', 'AWS::DynamoDB::Table', { ResourcePolicy: { PolicyDocument: { Statement: [ANYBODY] } } }],
  ['the policy of a bucket', 'AWS::S3::BucketPolicy', { PolicyDocument: { Statement: [ANYBODY] } }],
  ['a role for everybody', 'AWS::IAM::Role', { AssumeRolePolicyDocument: { Statement: [ANYBODY] } }],
];

describe('the templates', () => {
  it('are the same bytes when synthesised again', () => {
    // Both bundled here and now, so that nobody edits a source in between.
    assert.deepEqual(synthFrom(undefined).files, synthFrom(undefined).files);
  });

  it('grant what test/infra/permissions.json lists, and nothing else', () => {
    assert.deepEqual(granted(all), committed);
  });

  it('let in whom test/infra/admitted.json lists, and nobody else', () => {
    assert.deepEqual(admitted(all), read('admitted.json'));
  });

  it('have no kind of resource that nobody asked what it permits: no URL of a function, no policy of a secret', () => {
    assert.deepEqual([...new Set(Object.values(all).map(({ Type }) => Type))].sort(), KINDS);
  });

  for (const [how, Type, Properties] of WAYS_ROUND) {
    it(`cannot give a right by ${how} unseen`, () => {
      const planted = { ...all, Planted01234567: { Type, Properties } };
      assert.notDeepEqual([granted(planted), admitted(planted)], [granted(all), admitted(all)]);
    });
  }

  it('have no role with a managed policy, and no grant on everything', () => {
    const roles = ofType(all, 'AWS::IAM::Role');
    for (const [name, { Properties }] of roles) {
      // API Gateway's own, for the account's log setting.
      if (!name.startsWith('GatewayLogRole')) assert.equal(Properties['ManagedPolicyArns'], undefined, name);
    }
    for (const [role, grants] of Object.entries(granted(all))) {
      assert.ok(!('*' in grants), role);
      for (const actions of Object.values(grants))
        for (const action of actions) assert.doesNotMatch(action, /^[^ ]*\*/);
    }
  });

  it('keep rows, documents and secrets when a stack goes, unless they are disposable', () => {
    const kept = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
    const policies = (data: typeof first.data) =>
      new Set(kept.flatMap((type) => ofType(data, type).map(([, { DeletionPolicy }]) => DeletionPolicy)));
    assert.deepEqual(policies(first.data), new Set(['Retain']));
    assert.deepEqual(policies(synth({ disposable: true }).data), new Set(['Delete']));
    for (const type of kept) assert.equal(ofType(first.controlPlane, type).length, 0, type);
    for (const [, { Properties }] of ofType(first.data, 'AWS::DynamoDB::Table')) {
      assert.equal(Properties['DeletionProtectionEnabled'], true);
      assert.equal(Properties['BillingMode'], 'PAY_PER_REQUEST');
    }
  });

  it('run every function on Node 24 and arm64, with a log that ends', () => {
    const functions = ofType(first.controlPlane, 'AWS::Lambda::Function');
    assert.equal(functions.length, FUNCTION_NAMES.length);
    for (const [name, { Properties }] of functions) {
      assert.equal(Properties['Runtime'], 'nodejs24.x', name);
      assert.deepEqual(Properties['Architectures'], ['arm64'], name);
    }
    const logs = ofType(first.controlPlane, 'AWS::Logs::LogGroup');
    const ofFunctions = logs.filter(([name]) => !name.startsWith('GatewayLog'));
    assert.equal(ofFunctions.length, functions.length);
    for (const [, { Properties }] of logs) assert.equal(Properties['RetentionInDays'], 30);
  });

  it('begin no second Expire while the first one may still run', () => {
    const [, machine] = ofType(first.controlPlane, 'AWS::StepFunctions::StateMachine')[0] ?? [];
    const { Expire } = JSON.parse(String(machine?.Properties['DefinitionString'])).States;
    const [, expire] =
      ofType(first.controlPlane, 'AWS::Lambda::Function').find(([name]) => name.startsWith('WorkflowExpire')) ?? [];
    assert.ok(Expire.TimeoutSeconds >= Number(expire?.Properties['Timeout']));
  });

  it('hold strangers, by default', () => {
    const [, lookup] =
      ofType(first.controlPlane, 'AWS::Lambda::Function').find(([name]) => name.startsWith('AgentLookup')) ?? [];
    const { Variables } = (lookup?.Properties['Environment'] ?? { Variables: {} }) as {
      Variables: Record<string, string>;
    };
    assert.equal(JSON.parse(Variables['NODELESS_CONFIGURATION'] ?? '').enrollment.unknown, 'hold');
  });
});

describe('traces', () => {
  it('are never of the agent API’s gateway: its URLs hold join tokens', () => {
    const stages = ofType(synth({ tracing: 'true' }).controlPlane, 'AWS::ApiGateway::Stage');
    const traced = stages.filter(([, { Properties }]) => Properties['TracingEnabled'] === true).map(([name]) => name);
    assert.ok(traced.length === 1 && traced[0]?.startsWith('OperatorApi'), traced.join());
  });
});

describe('the access logs', () => {
  const stages = ofType(first.controlPlane, 'AWS::ApiGateway::Stage').map(
    ([, { Properties }]) => Properties['AccessLogSetting'] as { Format: string },
  );

  it('say what was called, by whom and how it ended', () => {
    assert.equal(stages.length, 2);
    for (const { Format } of stages) assert.deepEqual(JSON.parse(Format), ACCESS_LOG_FIELDS);
  });

  it('have no field in which a token could be: no path, no query string, no header, no body', () => {
    const harmless =
      /^\$context\.(requestTime|requestId|identity\.sourceIp|httpMethod|resourcePath|status|responseLength|responseLatency|integrationLatency)$/;
    for (const { Format } of stages) {
      for (const field of Object.values(JSON.parse(Format))) assert.match(String(field), harmless);
    }
  });

  it('are not written where the owner says so, and then no role of the account is touched', () => {
    const { controlPlane } = synth({ accessLogs: 'false' });
    for (const [, { Properties }] of ofType(controlPlane, 'AWS::ApiGateway::Stage')) {
      assert.equal(Properties['AccessLogSetting'], undefined);
    }
    assert.equal(ofType(controlPlane, 'AWS::ApiGateway::Account').length, 0);
  });
});

describe('both APIs, the tables and the bucket', () => {
  it('throttle, and take nothing but TLS', () => {
    for (const [, { Properties }] of ofType(first.controlPlane, 'AWS::ApiGateway::Stage')) {
      const [all] = Properties['MethodSettings'] as { ThrottlingRateLimit: number; DataTraceEnabled: boolean }[];
      assert.ok((all?.ThrottlingRateLimit ?? 0) > 0);
      assert.notEqual(all?.DataTraceEnabled, true, 'bodies would be logged');
    }
    const [[, policy] = []] = ofType(first.data, 'AWS::S3::BucketPolicy');
    assert.match(JSON.stringify(policy), /"aws:SecureTransport":"false"\},?\}?,"Effect":"Deny"/);
  });

  it('take no more units a second than they may, however many requests come', () => {
    const limits = (options: object) =>
      ofType(synth({ ...options }).data, 'AWS::DynamoDB::Table').map(
        ([, { Properties }]) => Properties['OnDemandThroughput'],
      );
    const most = (MaxReadRequestUnits: number, MaxWriteRequestUnits: number) =>
      Array.from({ length: 3 }, () => ({ MaxReadRequestUnits, MaxWriteRequestUnits }));
    assert.deepEqual(limits({}), most(12_000, 4000));
    assert.deepEqual(limits({ maxReadUnits: '1000', maxWriteUnits: '500' }), most(1000, 500));
  });

  it('keep every secret out of the environments: only the ARN of a secret is there', () => {
    const text = JSON.stringify(
      ofType(first.controlPlane, 'AWS::Lambda::Function').map(([, { Properties }]) => Properties['Environment']),
    );
    assert.doesNotMatch(text, /resolve:secretsmanager|SecretString|password"/i);
  });
});

describe('the agent API', () => {
  it('has every route of the table in exactly one function', () => {
    const served = (Object.keys(AGENT_FUNCTIONS) as (keyof typeof AGENT_FUNCTIONS)[]).flatMap(routesOf);
    assert.deepEqual(new Set(served), new Set(ROUTES.filter(({ api }) => api === 'agent')));
    const paths = new Map<string, Set<string>>();
    for (const name of Object.keys(AGENT_FUNCTIONS) as (keyof typeof AGENT_FUNCTIONS)[]) {
      for (const { path } of routesOf(name)) paths.set(path, (paths.get(path) ?? new Set()).add(name));
    }
    for (const [path, names] of paths) assert.equal(names.size, 1, `${path}: ${[...names]}`);
  });

  it('lets bytes through on the agent API, whatever a BMC accepts', () => {
    const types = ofType(synth({}).controlPlane, 'AWS::ApiGateway::RestApi').map(
      ([, { Properties }]) => Properties['BinaryMediaTypes'],
    );
    assert.deepEqual(types, [['*/*'], undefined]);
  });

  it('lets nobody in from elsewhere when sources are given', () => {
    const { controlPlane } = synth({ agentSources: '203.0.113.0/24' });
    const [agent, operator] = ofType(controlPlane, 'AWS::ApiGateway::RestApi').map(
      ([, { Properties }]) => Properties['Policy'],
    );
    assert.match(JSON.stringify(agent), /"NotIpAddress":\{"aws:SourceIp":\["?203\.0\.113\.0\/24/);
    assert.equal(operator, undefined);
  });
});
