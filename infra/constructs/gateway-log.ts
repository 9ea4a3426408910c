import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAccount, type IAccessLogDestination, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigateway';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Options } from '../options.ts';

/**
 * Where both APIs log who called what. API Gateway writes logs only with a role that is set once for the account and
 * region; it stays when the stack goes, because other APIs may have come to need it.
 */
export function gatewayLog(
  scope: Construct,
  { accessLogs, disposable, logDays, name }: Options,
): IAccessLogDestination | undefined {
  if (!accessLogs) return undefined;
  const removalPolicy = disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
  const role = new Role(scope, 'GatewayLogRole', {
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonAPIGatewayPushToCloudWatchLogs')],
  });
  role.applyRemovalPolicy(removalPolicy);
  const account = new CfnAccount(scope, 'GatewayAccount', { cloudWatchRoleArn: role.roleArn });
  account.applyRemovalPolicy(removalPolicy);
  const log = new LogGroup(scope, 'GatewayLog', {
    logGroupName: `/nodeless/${name}/requests`,
    retention: logDays as RetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  log.node.addDependency(account);
  return new LogGroupLogDestination(log);
}
