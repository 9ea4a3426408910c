import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Streamed } from '../../events/deliver.ts';
import { publishedEvent } from '../../events/published-event.ts';
import { eventOf } from './items.ts';
import { EVENTS } from './keys.ts';
import { readable } from './shapes.ts';

/** A record of the nodes table's stream, as Lambda and GetRecords give it. */
export interface StreamRecord {
  eventName?: string | undefined;
  dynamodb?: { NewImage?: object | undefined; SequenceNumber?: string | undefined } | undefined;
}

/** Which records are events: only these start the publisher (a filter of its event source mapping). */
export const EVENTS_FILTER = {
  eventName: ['INSERT'],
  dynamodb: { Keys: { pk: { S: [{ prefix: `${EVENTS}#` }] } } },
};

/** What a record tells; undefined when it is not about an event. */
export function streamedEvent(record: StreamRecord): Streamed | undefined {
  const { NewImage: image, SequenceNumber: position = '' } = record.dynamodb ?? {};
  if (record.eventName !== 'INSERT' || image === undefined) return undefined;
  const item = unmarshall(image as Parameters<typeof unmarshall>[0]);
  const [prefix, node = ''] = String(item['pk']).split('#');
  if (prefix !== EVENTS) return undefined;
  const [version, place] = String(item['sk']).split('#');
  try {
    return { position, event: publishedEvent(node, `${version}#${place}`, eventOf(readable('event', item))) };
  } catch {
    // Of a newer release: it waits in the stream, and then in the queue of what was not delivered.
    return { position, event: undefined };
  }
}
