import type { EventBus, PublishedEvent } from './published-event.ts';

/** An event beside the place in the stream from which it can be asked for again. */
export interface Streamed {
  position: string;
  /** Undefined: it cannot be read. */
  event: PublishedEvent | undefined;
}

/**
 * Publishes in order. Returns the position from which the stream must be read again: of the first event that was not
 * taken or cannot be read, undefined when there is none. What came after it goes out twice then, and nothing overtakes.
 */
export async function deliver(streamed: readonly Streamed[], bus: EventBus): Promise<string | undefined> {
  const unreadable = streamed.findIndex(({ event }) => event === undefined);
  const ready = unreadable === -1 ? streamed : streamed.slice(0, unreadable);
  const events = ready.flatMap(({ event }) => event ?? []);
  const refused = new Set(events.length === 0 ? [] : await bus.publish(events));
  const first = ready.find(({ event }) => event !== undefined && refused.has(event.id));
  return first?.position ?? streamed[unreadable]?.position;
}
