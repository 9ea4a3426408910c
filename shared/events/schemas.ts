import { z } from 'zod';
import { EVENT_TYPES, type EventType } from './event-types.ts';

const envelope = {
  id: z.uuid().describe('The same when the event is delivered again'),
  node: z.uuid().describe('Events of one node come in order'),
  sequence: z.string().describe('Grows within a node; compare as text'),
  at: z.string().describe('ISO 8601'),
  severity: z.enum(['INFO', 'ERROR']),
  user: z.string().nullable().describe('An operator, agent, policy, run …'),
  message: z.string().describe('A sentence for a person'),
};

/** Schema of `detail` of an EventBridge event of this type. */
export const eventSchema = (type: EventType) =>
  z
    .looseObject({ event_type: z.literal(type), ...envelope, detail: EVENT_TYPES[type].detail })
    .describe(`Published when ${EVENT_TYPES[type].when}`);

export const schemaFile = (type: EventType): string => `${type}.v${EVENT_TYPES[type].version}.json`;

/** File → content, as they are committed in shared/events/schemas. */
export function schemaFiles(): Record<string, string> {
  const types = Object.keys(EVENT_TYPES) as EventType[];
  return Object.fromEntries(
    types.map((type) => [schemaFile(type), `${JSON.stringify(z.toJSONSchema(eventSchema(type)), null, 2)}\n`]),
  );
}
