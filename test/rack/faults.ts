/** Errors of the agent's own classes: what a failed command carries. */
export class AgentError extends Error {
  readonly type: string;
  readonly code: number;
  readonly title: string;
  readonly details: string;

  constructor(type: string, code: number, title: string, details: string) {
    super(`${title}: ${details}`);
    this.type = type;
    this.code = code;
    this.title = title;
    this.details = details;
  }

  toJSON() {
    return { type: this.type, code: this.code, message: this.title, details: this.details };
  }
}

/** A plain Python exception, a wrong argument for instance. */
export class PlainError extends Error {
  readonly kind: string;

  constructor(kind: string, text: string) {
    super(text);
    this.kind = kind;
  }
}

/** The command was not started: an HTTP error with a flat body. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, faultstring: string) {
    super(faultstring);
    this.status = status;
  }
}

export const invalidParams = (details: string) =>
  new AgentError('InvalidCommandParamsError', 400, 'Invalid command parameters', details);

export const executionError = (details: string) =>
  new AgentError('CommandExecutionError', 500, 'Command execution failed', details);

export const methodNotFound = (step: string) =>
  new AgentError(
    'HardwareManagerMethodNotFound',
    500,
    'No HardwareManager found to handle method',
    `Could not find method: ${step}`,
  );
