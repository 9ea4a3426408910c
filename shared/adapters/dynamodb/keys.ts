import type { ResourceKind } from '../../resource/resource-store.ts';
import type { ItemKind } from './shapes.ts';

export type Kind = 'node' | 'port' | ResourceKind;
export interface Key {
  pk: string;
  sk: string;
  [attribute: string]: string;
}

/**
 * Sixteen partitions a kind: a list reads them in parallel, and none grows hot. The last digit says which one, because
 * the first ones are the time (shared/resource/new-uuid.ts).
 */
export const SHARDS = [...'0123456789abcdef'] as const;

export const resourceKey = (kind: Kind, uuid: string): Key => ({ pk: `${kind}#${uuid.slice(-1)}`, sk: uuid });
export const shardKey = (kind: Kind, shard: string): string => `${kind}#${shard}`;
export const claimKey = (claim: { kind: string; value: string }): Key => ({
  pk: `claim#${claim.kind}#${claim.value}`,
  sk: 'claim',
});
/** The stream's filter knows events by it. */
export const EVENTS = 'events';
export const eventsPartition = (nodeUuid: string): string => `${EVENTS}#${nodeUuid}`;
/** What an item of the nodes or secrets table is, by its key. */
export function itemKind({ pk }: Record<string, unknown>): ItemKind {
  if (pk === undefined) return 'secret';
  const [prefix] = String(pk).split('#', 1);
  if (prefix === 'node' || prefix === 'port' || prefix === 'claim') return prefix;
  return prefix === EVENTS ? 'event' : 'resource';
}

/** Ordered by the version that the event tells of, then by place in its write. */
export const eventKey = (nodeUuid: string, version: number, place: number, uuid: string): Key => ({
  pk: eventsPartition(nodeUuid),
  sk: `${String(version).padStart(10, '0')}#${String(place).padStart(2, '0')}#${uuid}`,
});

export const SESSION = 'session';
export const BOOT = 'boot#';
/** One item a boot: two boots that race for one generation do not overwrite each other. */
export const bootPart = (generation: number, fingerprint: string): string => `${BOOT}${generation}#${fingerprint}`;
