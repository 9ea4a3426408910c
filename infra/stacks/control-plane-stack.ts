import { Annotations, ArnFormat, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Configuration } from '../../shared/configuration.ts';
import { alarms } from '../constructs/alarms.ts';
import { dashboard } from '../constructs/dashboard.ts';
import { gatewayLog } from '../constructs/gateway-log.ts';
import { nodelessFunction } from '../constructs/nodeless-function.ts';
import { publishEvents, undeliveredEvents } from '../constructs/publisher.ts';
import { agentApi, operatorApi } from '../constructs/rest-apis.ts';
import { runMachine } from '../constructs/run-machine.ts';
import { siteNetwork } from '../constructs/site-network.ts';
import { environmentsOf, SIZES } from '../function-settings.ts';
import { hookGrants } from '../hook-grants.ts';
import type { Options } from '../options.ts';
import { FUNCTION_NAMES, type FunctionName, PERMISSIONS, type Subject } from '../permissions.ts';
import { noRouteToAgents } from '../route-to-agents.ts';
import type { DataStack } from './data-stack.ts';

/** Every account has it, and rules of other applications are there already. */
const EVENT_BUS = 'default';

interface Given extends StackProps {
  options: Options;
  configuration: Configuration;
  data: DataStack;
  /** Folder of the bundled functions. */
  bundles: string;
}

/** Everything that can be thrown away and made again: both APIs, functions, state machine, schedule. */
export class ControlPlaneStack extends Stack {
  constructor(scope: Construct, id: string, { options, configuration, data, bundles, ...props }: Given) {
    super(scope, id, props);
    const unreached = noRouteToAgents(options, configuration);
    if (unreached !== undefined) Annotations.of(this).addWarningV2('nodeless:noRouteToAgents', unreached);
    const machineName = `${options.name}-run`;
    const arnOf = (service: string, resource: string, resourceName: string) =>
      this.formatArn({ service, resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    const vendorWork = `${options.name}-vendor-work`;
    const machineArn = arnOf('states', 'stateMachine', machineName);
    const undelivered = undeliveredEvents(this);
    const made = new Map<FunctionName, LambdaFunction>();
    const arns: Record<Subject, string> = {
      nodes: data.tables.nodes.tableArn,
      agents: data.tables.agents.tableArn,
      secrets: data.tables.secrets.tableArn,
      documents: data.documents.bucketArn,
      'token-key': data.tokenKey.secretArn,
      'operator-password': data.operatorPassword.secretArn,
      run: machineArn,
      'run-executions': arnOf('states', 'execution', `${machineName}:*`),
      reach: '',
      'vendor-work': arnOf('lambda', 'function', vendorWork),
      'node-stream': data.tables.nodes.tableStreamArn ?? '',
      'undelivered-events': undelivered.queueArn,
      'event-bus': this.formatArn({ service: 'events', resource: 'event-bus', resourceName: EVENT_BUS }),
    };
    const text = JSON.stringify(configuration);
    const make = (name: FunctionName, reach: string): LambdaFunction => {
      const served = nodelessFunction(this, {
        name,
        functionName: `${options.name}-${name}`,
        bundles,
        configuration: text,
        environment: environmentsOf({
          data,
          machineArn,
          reach,
          vendorWork,
          eventBus: EVENT_BUS,
          configuration: text,
          options,
        })[name],
        grants: PERMISSIONS[name],
        arns,
        hooks: hookGrants(name, configuration.hooks),
        logDays: options.logDays,
        tracing: options.tracing,
        ...SIZES[name],
        network: name === 'reach' ? siteNetwork(this, options) : undefined,
      });
      made.set(name, served);
      return served;
    };
    const reach = make('reach', '');
    arns.reach = reach.functionArn;
    for (const name of FUNCTION_NAMES) if (name !== 'reach') make(name, reach.functionName);
    const the = (name: FunctionName): LambdaFunction => {
      const found = made.get(name);
      if (found === undefined) throw new Error(`no function ${name}`);
      return found;
    };

    runMachine(this, {
      name: machineName,
      advance: the('workflow-advance'),
      expire: the('workflow-expire'),
      tracing: options.tracing,
    });
    // Whatever it began may have been done: who called asks for the result, and decides.
    the('vendor-work').configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    publishEvents(this, { table: data.tables.nodes, publisher: the('stream-publish'), undelivered });
    new Rule(this, 'SweepSchedule', {
      schedule: Schedule.rate(Duration.minutes(options.sweepMinutes)),
      targets: [
        new FunctionTarget(the('sweep'), {
          retryAttempts: 0,
          event: RuleTargetInput.fromObject({ everySeconds: options.sweepMinutes * 60 }),
        }),
      ],
    });

    const seen = { tracing: options.tracing, log: gatewayLog(this, options) };
    const agent = agentApi(
      this,
      {
        'agent-root': the('agent-root'),
        'agent-lookup': the('agent-lookup'),
        'agent-heartbeat': the('agent-heartbeat'),
        'agent-inspection': the('agent-inspection'),
        'agent-passthru': the('agent-passthru'),
      },
      {
        ...seen,
        rate: options.agentRate,
        burst: options.agentBurst,
        sources: options.agentSources,
        fixedId: options.localstack ? 'nodelessagent' : undefined,
      },
    );
    const operator = operatorApi(this, the('operator'), {
      ...seen,
      rate: options.operatorRate,
      burst: options.operatorBurst,
      sources: options.operatorSources,
      signed: options.operatorAuth === 'iam',
      fixedId: options.localstack ? 'nodelessoperator' : undefined,
    });
    const watched = { agentApi: agent, sweep: the('sweep'), undelivered, topic: options.alarmTopic };
    const watching = alarms(this, options.name, watched);
    if (options.dashboard) dashboard(this, options.name, watching);
    this.#outputs(options.agentUrl ?? withoutSlash(agent.url), options.operatorUrl ?? withoutSlash(operator.url), data);
  }

  #outputs(agentUrl: string, operatorUrl: string, data: DataStack): void {
    const tables = Object.values(data.tables).map((table) => table.tableName);
    new CfnOutput(this, 'AgentUrl', { value: agentUrl });
    new CfnOutput(this, 'OperatorUrl', { value: operatorUrl });
    new CfnOutput(this, 'KernelParameters', {
      value: `ipa-api-url=${agentUrl} ipa-inspection-callback-url=${agentUrl}/v1/continue_inspection`,
    });
    new CfnOutput(this, 'TableNames', { value: tables.join(' ') });
    new CfnOutput(this, 'OperatorPassword', {
      value: `aws secretsmanager get-secret-value --secret-id ${data.operatorPassword.secretArn} --query SecretString --output text`,
    });
  }
}

/** Clients append `/v1/…`, and links show what they were given. */
const withoutSlash = (url: string): string => url.replace(/\/$/, '');
