import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/**
 * The longest chain of calls in which each began after the one before had ended: what a caller waits for, whatever
 * goes on beside it.
 */
export class RoundTrips {
  #ended = 0;

  constructor(client: DynamoDBClient) {
    client.middlewareStack.add(
      (next) => async (args) => {
        const depth = this.#ended + 1;
        try {
          return await next(args);
        } finally {
          this.#ended = Math.max(this.#ended, depth);
        }
      },
      { step: 'initialize', name: 'countRoundTrips' },
    );
  }

  reset(): void {
    this.#ended = 0;
  }

  get longest(): number {
    return this.#ended;
  }
}
