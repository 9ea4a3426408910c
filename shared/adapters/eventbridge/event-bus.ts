import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type EventBus, type PublishedEvent, SOURCE } from '../../events/published-event.ts';

/** PutEvents takes ten at once. */
const AT_ONCE = 10;

export class EventBridgeBus implements EventBus {
  readonly #client: Pick<EventBridgeClient, 'send'>;
  readonly #bus: string;
  constructor(client: Pick<EventBridgeClient, 'send'>, bus: string) {
    this.#client = client;
    this.#bus = bus;
  }

  /** Stops at the first ten of which one was refused, so that nothing overtakes it. */
  async publish(events: readonly PublishedEvent[]): Promise<string[]> {
    for (let from = 0; from < events.length; from += AT_ONCE) {
      const some = events.slice(from, from + AT_ONCE);
      const { Entries = [] } = await this.#client.send(
        new PutEventsCommand({ Entries: some.map((one) => this.#entry(one)) }),
      );
      const refused = some.filter((_, at) => Entries[at]?.EventId === undefined);
      if (refused.length > 0) return [...refused, ...events.slice(from + AT_ONCE)].map(({ id }) => id);
    }
    return [];
  }

  #entry(event: PublishedEvent) {
    return {
      EventBusName: this.#bus,
      Source: SOURCE,
      DetailType: event.event_type,
      Detail: JSON.stringify(event),
      Time: new Date(event.at),
    };
  }
}
