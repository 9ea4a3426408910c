import type { JsonObject, JsonValue } from '../json.ts';
import type { ExchangeReply } from './run.ts';

/** Exactly one HTTP exchange with an agent. No sleeping, no retry. */
export interface AgentExchange {
  callbackUrl: string;
  /** PEM to pin. Absent: over http there is nothing to trust, over https the trust store is asked. */
  certificate?: string;
  /** Absent for 2014 agents, which refuse unknown query arguments. */
  token?: string;
  timeoutSeconds: number;
  request: { command: 'list' } | { command: 'run'; name: string; params: JsonObject; wait: boolean };
}

/** Exactly one HTTP exchange with a BMC. No redirects, no retry; names are resolved, and checked, when it connects. */
export interface BmcExchange {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute, without credentials. */
  url: string;
  /** May hold a password or a session's token: never logged. */
  headers: Readonly<Record<string, string>>;
  body?: JsonObject;
  /** The public authorities; none; or this PEM alone. */
  trust: 'public' | 'anyone' | { ca: string };
  timeoutSeconds: number;
  /** The same when a run asks the same again, after a `pending`: who has the reply by now gives it, and acts once. */
  key?: string;
}

export type BmcReply =
  /** `body` is null when it was empty, or when a refusal was not JSON. */
  | {
      kind: 'answered';
      status: number;
      headers: { location?: string; etag?: string; token?: string };
      body: JsonValue;
    }
  | {
      kind: 'failed';
      because: 'time-out' | 'unreachable' | 'certificate' | 'not-json' | 'too-large' | 'redirect' | 'refused-address';
      message: string;
    }
  /** Somebody at the site carries it out and will report. */
  | { kind: 'pending' };

export interface Reach {
  agent(exchange: AgentExchange): Promise<ExchangeReply>;
  bmc(exchange: BmcExchange): Promise<BmcReply>;
}
