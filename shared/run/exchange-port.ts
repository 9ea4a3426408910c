import type { JsonObject } from '../node/node.ts';
import type { ExchangeReply } from './run.ts';

/** Exactly one HTTP exchange with an agent. No sleeping, no retry. */
export interface AgentExchange {
  callbackUrl: string;
  /** PEM to pin; absent = plain HTTP agent. */
  certificate?: string;
  /** Absent for 2014 agents, which refuse unknown query arguments. */
  token?: string;
  timeoutSeconds: number;
  request: { command: 'list' } | { command: 'run'; name: string; params: JsonObject; wait: boolean };
}

export interface Reach {
  agent(exchange: AgentExchange): Promise<ExchangeReply>;
}
