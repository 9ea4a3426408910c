/** Names of everything that may stand in a log line: an allow-list, so that no body or token gets in by accident. */
export interface LogFields {
  request?: string;
  method?: string;
  route?: string;
  status?: number;
  node?: string;
  run?: string;
  flow?: string;
  phase?: string;
  step?: string;
  decision?: string;
  reason?: string;
  /** Address of whoever gave a wrong password. */
  source?: string;
  /** Of an async vendor method. */
  call?: string;
  /** Of the inbox. */
  submission?: string;
  /** By which a machine was let in or not. */
  policy?: string;
  error?: string;
  milliseconds?: number;
  events?: number;
}
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
