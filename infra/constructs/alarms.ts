import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { METRICS, NAMESPACE } from '../../shared/metrics/metrics.ts';
import { ALARMS, type AlarmRow } from '../alarms.ts';

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

function metricOf({ on, minutes }: AlarmRow, { agentApi, sweep, undelivered }: Watched): IMetric {
  const period = Duration.minutes(minutes);
  if ('metric' in on) {
    const { dimension } = METRICS[on.metric];
    const dimensionsMap = dimension && on.of !== undefined ? { [dimension.name]: on.of } : {};
    return new Metric({ namespace: NAMESPACE, metricName: on.metric, dimensionsMap, statistic: 'Sum', period });
  }
  switch (on.aws) {
    case 'agent-api-5xx':
      return agentApi.metricServerError({ period, statistic: 'Sum' });
    case 'sweep-errors':
      return sweep.metricErrors({ period, statistic: 'Sum' });
    case 'undelivered-events':
      return undelivered.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' });
  }
}
