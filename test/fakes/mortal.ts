import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** The process is gone: nothing of the request goes on, and nobody is told. */
export class Crash extends Error {
  constructor() {
    super('the process died here');
    this.name = 'Crash';
  }
}

/** Counts calls and dies with one of them, which still reaches the store: its reply is lost with the process. */
export class Life {
  calls = 0;
  readonly #last: number;
  /** `last`: the call to die with; Infinity = lives for ever. */
  constructor(last: number) {
    this.#last = last;
  }

  async spend<T>(work: () => Promise<T>): Promise<T> {
    this.calls += 1;
    if (this.calls > this.#last) throw new Crash();
    if (this.calls < this.#last) return work();
    await work().catch(() => undefined);
    throw new Crash();
  }
}

/** A store whose caller may die with every call. */
export function mortal<T extends object>(store: T, life: () => Life): T {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => life().spend(async () => Reflect.apply(member, target, args));
    },
  });
}

/** The same at the network: between the transactions of one call of a store. `life` is the one of the present request. */
export function mortalClient(client: DynamoDBClient, life: () => Life): DynamoDBClient {
  client.middlewareStack.add((next) => async (args) => life().spend(() => next(args)), {
    step: 'initialize',
    name: 'mortal',
  });
  return client;
}
