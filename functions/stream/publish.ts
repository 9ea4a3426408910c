import type { DynamoDBBatchResponse } from 'aws-lambda';
import { deliver, type Streamed } from '../../shared/events/deliver.ts';
import type { EventBus } from '../../shared/events/published-event.ts';
import type { Log } from '../../shared/log.ts';
import type { Metrics } from '../../shared/metrics/metrics.ts';
import { measuresOfEvent } from '../../shared/metrics/of-events.ts';

export interface PublishServices {
  bus: EventBus;
  log: Log;
  metrics: Metrics;
}

/** Events of the nodes table's stream → the bus, in order, at least once. Tells the stream where to begin again. */
export function publishHandler({ bus, log, metrics }: PublishServices) {
  return async (streamed: readonly Streamed[]): Promise<DynamoDBBatchResponse> => {
    const again = await deliver(streamed, bus);
    const end = streamed.findIndex(({ position }) => position === again);
    const delivered = end === -1 ? streamed : streamed.slice(0, end);
    for (const { event } of delivered) if (event) for (const one of measuresOfEvent(event)) metrics.record(one);
    const counted = { decision: again === undefined ? 'published' : 'again', events: delivered.length };
    if (again === undefined) log.info('events', counted);
    else log.error('events', { ...counted, reason: 'the bus did not take all of them, or one cannot be read' });
    return { batchItemFailures: again === undefined ? [] : [{ itemIdentifier: again }] };
  };
}
