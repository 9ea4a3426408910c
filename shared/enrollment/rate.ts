/** At most so many enrolments in any minute, per process: an open write path needs a bound. */
export class EnrolmentRate {
  readonly #perMinute: number;
  #times: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  take(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < 60_000);
    if (this.#times.length >= this.#perMinute) return false;
    this.#times.push(now);
    return true;
  }
}
