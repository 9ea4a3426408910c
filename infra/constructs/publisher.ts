import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import {
  EventSourceMapping,
  type IEventSourceDlq,
  type Function as LambdaFunction,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { type IQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EVENTS_FILTER } from '../../shared/adapters/dynamodb/event-stream.ts';

/** Keeps, for two weeks, where in the stream lies what could not be delivered. */
export function undeliveredEvents(scope: Construct): Queue {
  return new Queue(scope, 'UndeliveredEvents', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/**
 * Stream of the nodes table → publisher. Only event items start it, those of a node in their order; what fails is
 * tried again alone (bisect, partial failures) and goes to the queue in the end, so that it does not hold up the rest.
 * Lambda reads a stream without charge. Rights are in permissions.ts: the mapping grants none.
 */
export function publishEvents(
  scope: Construct,
  { table, publisher, undelivered }: { table: Table; publisher: LambdaFunction; undelivered: IQueue },
): void {
  const eventSourceArn = table.tableStreamArn;
  if (eventSourceArn === undefined) throw new Error('the nodes table has no stream');
  // SqsDlq would grant by itself.
  const onFailure: IEventSourceDlq = { bind: () => ({ destination: undelivered.queueArn }) };
  const mapping = new EventSourceMapping(scope, 'EventStream', {
    target: publisher,
    eventSourceArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    retryAttempts: 10,
    maxRecordAge: Duration.hours(12),
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    parallelizationFactor: 1,
    filters: [{ pattern: JSON.stringify(EVENTS_FILTER) }],
    onFailure,
  });
  // Lambda looks at the role's rights when the mapping is made.
  if (publisher.role) mapping.node.addDependency(publisher.role);
}
