/** A process that has been ended: every wait and request of it stops with this. */
export class Ended extends Error {
  constructor() {
    super('the process has ended');
    this.name = 'Ended';
  }
}

/** Waits of one process, all divided by the time scale, all cut short when the process ends. */
export class Clock {
  readonly signal: AbortSignal;
  readonly #scale: number;
  readonly #controller = new AbortController();

  constructor(scale: number) {
    this.#scale = scale;
    this.signal = this.#controller.signal;
  }

  /** Seconds of machine time. */
  now(): number {
    return (performance.now() / 1000) * this.#scale;
  }

  /** Waits so many seconds of machine time, less when `wake` comes first. */
  sleep(seconds: number, wake?: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.signal.aborted) return reject(new Ended());
      const done = () => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', cut);
        resolve();
      };
      const cut = () => {
        clearTimeout(timer);
        reject(new Ended());
      };
      const timer = setTimeout(done, Math.max(0, seconds * 1000) / this.#scale);
      this.signal.addEventListener('abort', cut, { once: true });
      wake?.then(done);
    });
  }

  /** Never returns before the process ends. */
  forever(): Promise<never> {
    return new Promise((_, reject) => {
      if (this.signal.aborted) return reject(new Ended());
      this.signal.addEventListener('abort', () => reject(new Ended()), { once: true });
    });
  }

  end(): void {
    this.#controller.abort();
  }
}
