import { type Clock, Ended } from './clock.ts';

export type BeatOutcome = 'accepted' | 'refused';

export interface HeartOptions {
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly timeout: number;
  readonly random: () => number;
  /** Agents of 2016 retry at the usual gap and report a finished command at once. */
  readonly legacy: boolean;
  readonly send: () => Promise<BeatOutcome>;
}

const SHORTEST_GAP = 5;
const PAUSE = 0.1;

/** The heartbeat thread: the first beat at once, then on a jittered timer, sooner when forced. */
export class Heart {
  readonly #options: HeartOptions;
  #forced = false;
  #interval = 0;
  #last = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(options: HeartOptions) {
    this.#options = options;
  }

  /** A command has ended: the server should hear soon. */
  force(): void {
    this.#forced = true;
    if (this.#options.legacy) this.#wake?.();
  }

  async run(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      const left = Math.max(0, this.#interval - (clock.now() - this.#last));
      await clock.sleep(Math.min(SHORTEST_GAP, left), this.#woken());
      if (this.#due()) await this.#beat();
      await clock.sleep(PAUSE);
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #due(): boolean {
    const elapsed = this.#options.clock.now() - this.#last;
    if (elapsed >= this.#interval) return true;
    return this.#forced && (this.#options.legacy || elapsed > SHORTEST_GAP);
  }

  async #beat(): Promise<void> {
    const { clock, legacy, timeout } = this.#options;
    const outcome = await this.#options.send().catch((error: unknown): BeatOutcome => {
      if (error instanceof Ended) throw error;
      return 'refused';
    });
    if (outcome === 'accepted' || legacy) {
      this.#forced = false;
      this.#interval = timeout * this.#between(0.3, 0.6);
    } else {
      // A refused beat stays forced
      this.#interval = SHORTEST_GAP * this.#between(1, 2);
    }
    this.#last = clock.now();
  }

  #between(least: number, most: number): number {
    return least + this.#options.random() * (most - least);
  }
}
