import { randomUUID } from 'node:crypto';
import { timestamp } from '../../clock.ts';
import type { NewEvent } from '../../node/node.ts';
import { eventItem } from './items.ts';
import type { Write } from './transact.ts';

/** The events of a write of this row, in the partition of its uuid and in the order of its version. */
export function eventPuts(
  table: string,
  { uuid, version }: { uuid: string; version: number },
  events: readonly NewEvent[],
  now: number,
): Write[] {
  const created_at = timestamp(now);
  return events.map((event, place) => {
    const Item = eventItem(uuid, version, place, { ...event, uuid: randomUUID(), created_at });
    return { item: { Put: { TableName: table, Item } }, refused: () => 'leave-out' as const };
  });
}
