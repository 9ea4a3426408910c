import { randomBytes, randomUUID } from 'node:crypto';
import type { SessionStore } from '../../shared/agent/session-store.ts';
import type { Counters } from '../../shared/enrollment/counters.ts';
import { newNode, newPort } from '../../shared/node/new-node.ts';
import type { NewEvent, Node, Port } from '../../shared/node/node.ts';
import type { IdentityIndex, NodeStore, PortStore, SecretStore } from '../../shared/node/node-store.ts';
import type { ResourceStore } from '../../shared/resource/resource-store.ts';

/** What an adapter offers to the suites. Every suite brings its own uuids, so that they can share one store. */
export interface Stores {
  nodes: NodeStore;
  ports: PortStore;
  resources: ResourceStore;
  identity: IdentityIndex;
  sessions: SessionStore;
  counters: Counters;
  secrets: SecretStore;
}
export type OpenStores = () => Promise<Stores>;

let moment = Date.parse('2026-01-01T00:00:00Z');

export function aNode(more: Partial<Node> = {}): Node {
  moment += 1000;
  const created_at = new Date(moment).toISOString();
  return newNode({ uuid: randomUUID(), driver: 'fake-hardware', created_at, interfaces: {}, ...more });
}

export const aMac = (): string =>
  `52:54:00:${[...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`;

export const aPort = (node: Pick<Node, 'uuid' | 'created_at'>, address = aMac(), more: Partial<Port> = {}): Port =>
  newPort({ uuid: randomUUID(), address, node_uuid: node.uuid, created_at: node.created_at, ...more });

export const anEvent = (event: string): NewEvent => ({
  event_type: 'enrolled',
  event,
  severity: 'INFO',
  user: 'policy',
  detail: {},
});

/** How many ended in what: `{ok: 1, ClaimTaken: 63}`. */
export async function outcomes(work: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(work)) {
    const name = result.status === 'fulfilled' ? 'ok' : (result.reason as Error).name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
