import type { Clock } from '../clock.ts';
import { Unavailable } from '../errors.ts';

const MINUTE_MS = 60_000;

/** Counts a call, or refuses it with `Unavailable` and the time after which it may come again. */
export interface Limits {
  take(key: string, perMinute: number): void | Promise<void>;
}

/**
 * Calls per minute, in this process's memory: with n Lambda environments up to n times as many pass. Enough to stop a
 * loop; a quota for money or trust belongs to the gateway. Forgets everything when the minute is over.
 */
export class CallLimits implements Limits {
  readonly #clock: Clock;
  readonly #counts = new Map<string, number>();
  #since = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  take(key: string, perMinute: number): void {
    const now = this.#clock.now();
    if (now - this.#since >= MINUTE_MS) {
      this.#since = now;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > perMinute) {
      const seconds = Math.max(1, Math.ceil((this.#since + MINUTE_MS - now) / 1000));
      throw tooMany(perMinute, seconds);
    }
    this.#counts.set(key, count);
  }
}

const tooMany = (perMinute: number, seconds: number): Unavailable =>
  new Unavailable(`More than ${perMinute} calls of this method in a minute.`, seconds);
