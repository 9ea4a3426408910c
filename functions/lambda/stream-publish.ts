import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { streamedEvent } from '../../shared/adapters/dynamodb/event-stream.ts';
import { EventBridgeBus } from '../../shared/adapters/eventbridge/event-bus.ts';
import { readPublisherEnvironment } from '../env.ts';
import { publishHandler } from '../stream/publish.ts';
import { emf } from './emf.ts';
import { jsonLog } from './json-log.ts';
import { once } from './once.ts';

const publish = once(() => {
  const { EVENT_BUS } = readPublisherEnvironment();
  const bus = new EventBridgeBus(new EventBridgeClient({ maxAttempts: 3 }), EVENT_BUS);
  return publishHandler({ bus, log: jsonLog, metrics: emf });
});

/** Called with what the stream's filter lets through: the event items of the nodes table. */
export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(({ Records }) =>
  publish()(Records.flatMap((record) => streamedEvent(record) ?? [])),
);
