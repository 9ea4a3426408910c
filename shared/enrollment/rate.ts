/**
 * At most so many enrolments in any minute, per process: an open write path needs a bound. Counts what was enrolled, so
 * that many racing requests of one machine are one; a burst may go over by what is under way.
 */
export class EnrolmentRate {
  readonly #perMinute: number;
  #times: number[] = [];

  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  isOpen(now: number): boolean {
    this.#times = this.#times.filter((time) => now - time < 60_000);
    return this.#times.length < this.#perMinute;
  }

  count(now: number): void {
    this.#times.push(now);
  }
}
