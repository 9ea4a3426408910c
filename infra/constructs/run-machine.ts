import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import definition from '../workflows/run.asl.json' with { type: 'json' };

/**
 * The state machine, from the file that the tests run. Its name is given, because the functions that it calls start it
 * and so must know its ARN before it exists. Executions that wait keep the definition that they started with.
 */
export function runMachine(
  scope: Construct,
  given: { name: string; advance: LambdaFunction; expire: LambdaFunction; tracing: boolean },
): CfnStateMachine {
  const role = new Role(scope, 'RunRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
  role.addToPolicy(
    new PolicyStatement({
      actions: ['lambda:InvokeFunction'],
      resources: [given.advance.functionArn, given.expire.functionArn],
    }),
  );
  // X-Ray knows no resource for these actions.
  if (given.tracing) role.addToPolicy(new PolicyStatement({ actions: TRACE, resources: ['*'] }));
  const machine = new CfnStateMachine(scope, 'Run', {
    stateMachineName: given.name,
    stateMachineType: 'STANDARD',
    roleArn: role.roleArn,
    definitionString: JSON.stringify(definition),
    ...(given.tracing && { tracingConfiguration: { enabled: true } }),
    definitionSubstitutions: { Advance: given.advance.functionArn, Expire: given.expire.functionArn },
  });
  machine.node.addDependency(role);
  return machine;
}

const TRACE = ['xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'];
