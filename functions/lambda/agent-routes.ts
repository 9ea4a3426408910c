import type { Route } from '../http.ts';
import { ROUTES } from '../routes.ts';

/** Which function serves which handlers of the agent API: the gateway and the entries read this. */
export const AGENT_FUNCTIONS = {
  'agent-root': ['agent/root', 'agent/v1', 'agent/parameters'],
  'agent-lookup': ['agent/lookup', 'agent/boot', 'agent/medium', 'agent/legacy-lookup'],
  'agent-heartbeat': ['agent/heartbeat'],
  'agent-inspection': ['agent/inspection'],
  // The heartbeat of 2014 is here because its checks need zod, which the other heartbeat must not carry.
  'agent-passthru': ['agent/passthru', 'agent/legacy-heartbeat'],
} as const satisfies Record<string, readonly string[]>;

export type AgentFunction = keyof typeof AGENT_FUNCTIONS;

export function routesOf(name: AgentFunction): Route[] {
  const mine: readonly string[] = AGENT_FUNCTIONS[name];
  // `agent/passthru#call` is of `agent/passthru`.
  return ROUTES.filter(({ api, handler }) => api === 'agent' && mine.includes(handler.split('#')[0] ?? ''));
}
