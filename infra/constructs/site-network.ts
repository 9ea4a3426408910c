import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Options } from '../options.ts';

/** The VPC of `reach`, by ids alone: synth asks no account. Undefined = machines are reached from outside any VPC. */
export function siteNetwork(scope: Construct, { vpc, subnets = [], securityGroups = [] }: Options) {
  const [vpcId] = vpc ?? [];
  if (vpcId === undefined) return undefined;
  return {
    vpc: Vpc.fromVpcAttributes(scope, 'SiteVpc', {
      vpcId,
      availabilityZones: subnets.map((_, at) => `zone-${at}`),
      privateSubnetIds: subnets,
    }),
    subnets: subnets.map((id) => Subnet.fromSubnetId(scope, `Site-${id}`, id)),
    securityGroups: securityGroups.map((id) =>
      SecurityGroup.fromSecurityGroupId(scope, `Site-${id}`, id, { mutable: false }),
    ),
  };
}
