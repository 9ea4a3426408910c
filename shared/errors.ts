import type { LogFields } from './log.ts';

/**
 * The one error tree. `message` is safe to show to a caller; anything else goes into `cause`.
 * `functions/middleware/errors-to-http.ts` is the only place that turns these into HTTP.
 */
export abstract class NodelessError extends Error {
  abstract readonly code: string;
  /** The HTTP status that means the same. */
  abstract readonly status: number;
  /** What the request's one log line says of it, and never the answer. */
  journal: LogFields = {};
  override get name(): string {
    return this.constructor.name;
  }

  noting(journal: LogFields): this {
    Object.assign(this.journal, journal);
    return this;
  }
}

export class InvalidInput extends NodelessError {
  readonly code = 'invalid-input';
  readonly status = 400;
}
export class NotAuthenticated extends NodelessError {
  readonly code = 'not-authenticated';
  readonly status = 401;
}
export class Forbidden extends NodelessError {
  readonly code = 'forbidden';
  readonly status = 403;
}
export class NotFound extends NodelessError {
  readonly code = 'not-found';
  readonly status = 404;
}
export class MethodNotAllowed extends NodelessError {
  readonly code = 'method-not-allowed';
  readonly status = 405;
  readonly allow: readonly string[];
  constructor(message: string, allow: readonly string[]) {
    super(message);
    this.allow = allow;
  }
}
export class NotAcceptable extends NodelessError {
  readonly code = 'not-acceptable';
  readonly status = 406;
}
export class Conflict extends NodelessError {
  readonly code: string = 'conflict';
  readonly status = 409;
}
/** Somebody wrote the row after we read it. The caller may read again and retry. */
export class VersionConflict extends Conflict {
  override readonly code = 'version-conflict';
}
/** A value that must be unique already belongs to `owner`. */
export class ClaimTaken extends Conflict {
  override readonly code = 'claim-taken';
  readonly kind: string;
  readonly value: string;
  readonly owner: string | undefined;
  constructor(kind: string, value: string, owner: string | undefined, message?: string) {
    super(message ?? `${kind} ${value} is already in use`);
    this.kind = kind;
    this.value = value;
    this.owner = owner;
  }
}
export class PayloadTooLarge extends NodelessError {
  readonly code = 'payload-too-large';
  readonly status = 413;
}
/** Of one caller. Others are served. */
export class TooManyRequests extends NodelessError {
  readonly code = 'too-many-requests';
  readonly status = 429;
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
/** We could not look, or could not write. Never means "not there". */
export class Unavailable extends NodelessError {
  readonly code = 'unavailable';
  readonly status = 503;
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds = 5, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
