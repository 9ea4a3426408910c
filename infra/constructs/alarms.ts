import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRICS, NAMESPACE } from '../../shared/metrics/metrics.ts';
import { ALARMS, type AlarmRow, type Signal } from '../alarms.ts';

export interface Watched {
  agentApi: RestApi;
  sweep: LambdaFunction;
  undelivered: IQueue;
  /** ARN of an SNS topic; without it alarms only change colour. */
  topic: string | undefined;
}

export function alarms(scope: Construct, name: string, watched: Watched): Alarm[] {
  const topic = watched.topic === undefined ? undefined : Topic.fromTopicArn(scope, 'AlarmTopic', watched.topic);
  return ALARMS.map((row) => {
    const alarm = new Alarm(scope, row.name, {
      alarmName: `${name}-${row.name}`,
      alarmDescription: `${row.why}\n\nWhat to do: ${row.what}`,
      metric: metricOf(row, watched),
      threshold: row.threshold,
      evaluationPeriods: row.periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // What does not happen is not counted: no data is good news.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (topic) alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  });
}

function metricOf({ name, on, minutes }: AlarmRow, watched: Watched): IMetric {
  const period = Duration.minutes(minutes);
  const [only, ...more] = on.map((signal) => counted(signal, period, watched));
  if (only && more.length === 0) return only;
  const usingMetrics = Object.fromEntries(
    [only, ...more].flatMap((metric, at) => (metric ? [[`m${at}`, metric]] : [])),
  );
  // A signal that is silent counts as none, and does not silence the others.
  const expression = Object.keys(usingMetrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, usingMetrics, period, label: name });
}

function counted(signal: Signal, period: Duration, { agentApi, sweep, undelivered }: Watched): IMetric {
  if ('metric' in signal) {
    const { dimension } = METRICS[signal.metric];
    const dimensionsMap = dimension && signal.of !== undefined ? { [dimension.name]: signal.of } : {};
    return new Metric({ namespace: NAMESPACE, metricName: signal.metric, dimensionsMap, statistic: 'Sum', period });
  }
  switch (signal.aws) {
    case 'agent-api-5xx':
      return agentApi.metricServerError({ period, statistic: 'Sum' });
    case 'sweep-errors':
      return sweep.metricErrors({ period, statistic: 'Sum' });
    case 'undelivered-events':
      return undelivered.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
  }
}
