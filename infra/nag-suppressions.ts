import { DOCUMENT_FOLDERS } from '../shared/documents.ts';

/** A finding of cdk-nag that stays, and why. test/infra/nag.test.ts fails on a finding without a row and on a row without a finding. */
export interface Suppression {
  rule: string;
  /** Where, below the stack: the whole construct path must match. */
  path: RegExp;
  /** Which of the findings of one rule at one place (`Resource::…`). Default: each. */
  finding?: RegExp;
  reason: string;
}

const API = /(Agent|Operator)Api\/DeploymentStage\.api\/Resource/;
const METHODS = /(Agent|Operator)Api\/Default\/(.+\/)?ANY\/Resource/;
const FUNCTION = /[A-Z]\w+\/Resource/;
const FUNCTION_ROLE = /[A-Z]\w+Role\/DefaultPolicy\/Resource/;

export const SUPPRESSIONS: readonly Suppression[] = [
  {
    rule: 'AwsSolutions-APIG4',
    path: METHODS,
    reason:
      'Callers prove who they are to the function: agents by their token, operators by HTTP basic, because stock agents and Ironic clients sign no requests. test/security/rules.ts names the deny-side tests.',
  },
  {
    rule: 'AwsSolutions-COG4',
    path: METHODS,
    reason: 'As APIG4: no stock agent and no Ironic client can use a Cognito user pool.',
  },
  {
    rule: 'Serverless-LambdaAsyncFailureDestination',
    path: /VendorWork\/EventInvokeConfig\/Resource/,
    reason:
      'A vendor call is kept as running before it begins; one that died is told as failed by its result, where its caller looks. A queue would have no reader.',
  },
  {
    rule: 'AwsSolutions-APIG2',
    path: /(Agent|Operator)Api\/Resource/,
    reason:
      "The functions check every body against its schema and its route's limit and refuse it in Ironic's error shape, which clients understand; a gateway's validator answers in its own.",
  },
  {
    rule: 'AwsSolutions-APIG3',
    path: API,
    reason:
      'A WAF costs more than the rest of an idle stack; throttles and the options agentSources and operatorSources bound who may call. An owner may associate a web ACL with the printed APIs.',
  },
  {
    rule: 'AwsSolutions-APIG6',
    path: API,
    reason:
      'Execution logs hold query strings and may hold bodies, where tokens and passwords travel. Access logs (fields without either) and one line of each function say what happened.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    path: FUNCTION_ROLE,
    finding: /NodesTable.*\/index\/\*/,
    reason: 'All indexes of the nodes table hold the same: keys and the uuid of a node.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    path: FUNCTION_ROLE,
    finding: new RegExp(`Documents.*/(${DOCUMENT_FOLDERS.join('|')})/\\*$`),
    reason:
      'Documents are named by node and run, which nobody knows at deployment. Each function has the folders that it works in.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    path: /SweepRole\/DefaultPolicy\/Resource/,
    finding: /:execution:.*-run:\*/,
    reason:
      'The executions of the one state machine, to see whether one is still alive; their names are made at run time.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    path: /ReachRole\/DefaultPolicy\/Resource/,
    finding: /^Resource::\*$/,
    reason:
      'Option vpc: the network interfaces of a function, for whose actions EC2 knows no resource. Option tracing: likewise X-Ray.',
  },
  {
    rule: 'AwsSolutions-IAM5',
    path: FUNCTION_ROLE,
    finding: /^Resource::\*$/,
    reason: 'Option tracing: X-Ray knows no resource for sending a trace.',
  },
  {
    rule: 'AwsSolutions-IAM4',
    path: /GatewayLogRole\/Resource/,
    reason:
      "API Gateway takes no role for its account-wide log setting that grants less than AWS's policy made for it; only API Gateway itself may assume it.",
  },
  {
    rule: 'AwsSolutions-S1',
    path: /Documents\/Resource/,
    reason:
      'Only our own functions reach the bucket, each in its folders; the line of a request says who asked for what. A bucket of logs would need one of its own.',
  },
  {
    rule: 'AwsSolutions-SMG4',
    path: /TokenKey\/Resource/,
    reason: 'Tokens are derived from this key: with another one, every token of a machine at work is wrong at once.',
  },
  {
    rule: 'AwsSolutions-SMG4',
    path: /OperatorPassword\/Resource/,
    reason:
      'The owner changes it at any time and hands it to clients; a rotation that nobody tells them of locks everybody out.',
  },
  {
    rule: 'AwsSolutions-DDB3',
    path: /(Nodes|Agents|Secrets)Table\/Resource/,
    reason: 'Option disposable, off by default: a trial is thrown away with its rows.',
  },
  {
    rule: 'AwsSolutions-APIG1',
    path: API,
    reason: 'Option accessLogs, on by default: an account whose log role belongs to others switches it off.',
  },
  {
    rule: 'Serverless-APIGWAccessLogging',
    path: API,
    reason: 'As APIG1: the option accessLogs, on by default.',
  },
  {
    rule: 'AwsSolutions-SF1',
    path: /Run/,
    reason:
      'Step Functions keeps the history of each execution for 90 days, and the node its own; a log of all events would be the third copy, paid by the line.',
  },
  {
    rule: 'AwsSolutions-SF2',
    path: /Run/,
    reason: 'Option tracing: off by default, as each trace is paid for.',
  },
  {
    rule: 'Serverless-StepFunctionStateMachineXray',
    path: /Run/,
    reason: 'Option tracing: off by default, as each trace is paid for.',
  },
  {
    rule: 'Serverless-APIGWXrayEnabled',
    path: API,
    reason: 'Option tracing: off by default, as each trace is paid for.',
  },
  {
    rule: 'Serverless-LambdaTracing',
    path: FUNCTION,
    reason: 'Option tracing: off by default, as each trace is paid for.',
  },
  {
    rule: 'Serverless-LambdaDLQ',
    path: FUNCTION,
    reason:
      'Called synchronously by a gateway, by a state that retries, or by another function: the caller hears of a failure. The sweeper is called again in minutes and then does what it missed.',
  },
  {
    rule: 'Serverless-EventBusDLQ',
    path: /SweepSchedule\/Resource/,
    reason: 'A tick that is lost is made good by the next one; a queue of old ticks would serve nobody.',
  },
  {
    rule: 'AwsSolutions-SQS3',
    path: /UndeliveredEvents\/Resource/,
    reason: 'It is itself the queue of what the stream could not deliver; an alarm looks at it.',
  },
  {
    rule: 'Serverless-SQSRedrivePolicy',
    path: /UndeliveredEvents\/Resource/,
    reason: 'As SQS3: nothing reads it but a person, so nothing is redriven.',
  },
];
