import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  type Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { HookGrant } from '../hook-grants.ts';
import type { FunctionName, Grant, Subject } from '../permissions.ts';
import { checkEnvironment, withCode } from './carried-configuration.ts';

export interface NodelessFunctionProps {
  name: FunctionName;
  /** Its name in the account, which is also its log's: people and LocalStack look for `/aws/lambda/<name>`. */
  functionName: string;
  /** Where the bundles lie. */
  bundles: string;
  environment: Record<string, string>;
  /** As JSON, for a function whose environment says that it is in a file. */
  configuration: string;
  grants: readonly Grant[];
  arns: Record<Subject, string>;
  /** The operator's own code that it may call. */
  hooks: readonly HookGrant[];
  logDays: number;
  timeoutSeconds: number;
  memoryMb: number;
  tracing: boolean;
  network?: { vpc: IVpc; subnets: ISubnet[]; securityGroups: ISecurityGroup[] } | undefined;
}

/** A function with a role of its own that may write its log, do what `grants` lists, and nothing else. */
export function nodelessFunction(scope: Construct, props: NodelessFunctionProps): LambdaFunction {
  const id = pascal(props.name);
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: `/aws/lambda/${props.functionName}`,
    retention: props.logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(allow(['logs:CreateLogStream', 'logs:PutLogEvents'], `${logGroup.logGroupArn}`));
  for (const { on, actions, below, listed } of props.grants) {
    const statement = allow(actions, below === undefined ? props.arns[on] : `${props.arns[on]}/${below}`);
    if (listed !== undefined) statement.addCondition('StringLike', { 's3:prefix': listed });
    role.addToPolicy(statement);
  }
  for (const { actions, arns } of props.hooks) for (const arn of arns) role.addToPolicy(allow(actions, arn));
  // Lambda's network interfaces: EC2 knows no resource for these actions.
  if (props.network) role.addToPolicy(allow(NETWORK_INTERFACES, '*'));
  const environment = { ...props.environment, NODE_COMPILE_CACHE: COMPILE_CACHE };
  checkEnvironment(props.functionName, environment);
  const make = (code: Code) =>
    new LambdaFunction(scope, id, {
      functionName: props.functionName,
      code,
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment,
      role,
      logGroup,
      // START, END and REPORT cost as much as the invocation: what we say is one line of our own.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(props.tracing && { tracing: Tracing.ACTIVE }),
      ...(props.network && {
        vpc: props.network.vpc,
        vpcSubnets: { subnets: props.network.subnets },
        securityGroups: props.network.securityGroups,
      }),
    });
  return withCode(join(props.bundles, props.name), environment, props.configuration, make);
}

/** Compiled code, for a process that starts again in the same environment: a new environment finds it empty. */
export const COMPILE_CACHE = '/tmp/compile-cache';

const NETWORK_INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const allow = (actions: readonly string[], resource: string): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [resource] });

const pascal = (name: string): string => name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
