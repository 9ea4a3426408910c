import type { JsonObject } from '../json.ts';
import type { NodeEvent } from '../node/node.ts';

/** Source of every event on the bus. */
export const SOURCE = 'nodeless';

/** What a reader of the bus gets; EventBridge's `detail-type` is `event_type`. Schemas: shared/events/schemas. */
export interface PublishedEvent {
  /** The same whenever the event is delivered again: at least once, so readers remember it. */
  id: string;
  event_type: string;
  /** UUID. Events of one node come in order. */
  node: string;
  /** Grows within a node: its version, and the place in that write. Compare as text. */
  sequence: string;
  /** ISO 8601. */
  at: string;
  severity: NodeEvent['severity'];
  /** An operator's name, `agent`, `policy`, `run` …; null when nobody in particular. */
  user: string | null;
  /** A sentence for a person. */
  message: string;
  detail: JsonObject;
}

/** Where events go. Returns the ids of those that were not taken; throws when none was. */
export interface EventBus {
  publish(events: readonly PublishedEvent[]): Promise<string[]>;
}

export function publishedEvent(node: string, sequence: string, event: NodeEvent): PublishedEvent {
  return {
    id: event.uuid,
    event_type: event.event_type,
    node,
    sequence,
    at: event.created_at,
    severity: event.severity,
    user: event.user,
    message: event.event,
    detail: event.detail,
  };
}
