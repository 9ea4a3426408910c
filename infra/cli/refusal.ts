/** Exit statuses, for scripts. */
export const EXIT = {
  /** The service said no, or part of a bulk act failed. */
  refused: 1,
  /** The command line makes no sense, or a bulk act was not confirmed. */
  usage: 2,
  /** Nobody answers, or not as Nodeless does. */
  unreachable: 3,
  /** Wrong or missing name and password, or too small a role. */
  denied: 4,
} as const;

/** Why a command ends without having done it, and what to do next. */
export class Refusal extends Error {
  readonly exit: number;
  readonly next: string | undefined;
  constructor(message: string, exit: number, next?: string) {
    super(message);
    this.exit = exit;
    this.next = next;
  }
}
