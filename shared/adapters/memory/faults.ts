import { Unavailable } from '../../errors.ts';

/** `<port>.<method>`, for example `nodes.create`. */
export type Operation = string;

/** What can go wrong with a store, on demand. */
export class Faults {
  #failing: Operation[] = [];
  #losing: Operation[] = [];
  #lag = false;
  /** Called when lag is switched on, to keep what the indexes know now. */
  onLag: () => void = () => undefined;

  /** Index reads answer what was true when this was switched on. */
  get indexLag(): boolean {
    return this.#lag;
  }
  set indexLag(on: boolean) {
    if (on && !this.#lag) this.onLag();
    this.#lag = on;
  }

  /** The next calls of these operations do nothing and throw `Unavailable`, once for each name given. */
  fail(...operations: Operation[]): void {
    this.#failing.push(...operations);
  }

  /** The next call of this operation is applied, and throws `Unavailable` all the same. */
  loseReply(operation: Operation): void {
    this.#losing.push(operation);
  }

  /** Runs one operation as one indivisible step, after a turn of the event loop as a real store would take. */
  async perform<T>(operation: Operation, work: () => T): Promise<T> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (take(this.#failing, operation)) throw new Unavailable(`${operation} was made to fail`);
    const result = work();
    if (take(this.#losing, operation)) throw new Unavailable(`the reply of ${operation} was lost`);
    return structuredClone(result);
  }
}

function take(list: Operation[], operation: Operation): boolean {
  const at = list.indexOf(operation);
  if (at < 0) return false;
  list.splice(at, 1);
  return true;
}
