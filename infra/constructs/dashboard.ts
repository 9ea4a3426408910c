import { AlarmStatusWidget, Dashboard, GraphWidget, type IAlarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { METRICS, type MetricDefinition, NAMESPACE } from '../../shared/metrics/metrics.ts';

/** One graph a metric, under the question that it answers. Costs $3 a month, so it is an option. */
export function dashboard(scope: Construct, name: string, alarms: IAlarm[]): void {
  const graphs = Object.entries<MetricDefinition>(METRICS).map(
    ([metricName, { unit, dimension, question }]) =>
      new GraphWidget({
        title: question,
        width: 8,
        left: (dimension?.values ?? [undefined]).map(
          (value) =>
            new Metric({
              namespace: NAMESPACE,
              metricName,
              statistic: unit === 'Count' ? 'Sum' : 'p90',
              ...(dimension && value !== undefined ? { dimensionsMap: { [dimension.name]: value }, label: value } : {}),
            }),
        ),
      }),
  );
  new Dashboard(scope, 'Dashboard', {
    dashboardName: name,
    widgets: [[new AlarmStatusWidget({ alarms, width: 24 })], graphs],
  });
}
