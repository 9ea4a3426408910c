import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventBus } from '../../shared/events/published-event.ts';

/** What the event bus is on AWS: a file that a program can follow, one event a line. */
export function eventFile(dataFolder: string): EventBus {
  const file = join(dataFolder, 'events.ndjson');
  return {
    async publish(events) {
      await appendFile(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      return [];
    },
  };
}
