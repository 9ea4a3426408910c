import { randomUUID } from 'node:crypto';
import type { Boot, Session } from '../../agent/session-store.ts';
import { timestamp } from '../../clock.ts';
import { ClaimTaken, VersionConflict } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { type AnyClaim, type Claim, serialOf } from '../../node/claims.ts';
import type { NewEvent, Node, NodeEvent, Port } from '../../node/node.ts';
import type { ResourceKind, Stored } from '../../resource/resource-store.ts';
import { Faults } from './faults.ts';

export interface HeldClaim {
  owner: string;
  shared: boolean;
}
export interface StoredBoot {
  fingerprint: string;
  boot: Boot;
}
/** What an index holds of an item: its key and the node that it leads to. */
export interface IndexEntry {
  kind: 'mac' | 'serial';
  value: string;
  node: string;
}

/** The state behind every memory store: what would be tables. One instance is one deployment. */
export class MemoryTables {
  readonly nodes = new Map<string, Node>();
  readonly ports = new Map<string, Port>();
  /** By `<kind>#<uuid>`. */
  readonly resources = new Map<string, { kind: ResourceKind; item: Stored }>();
  readonly claims = new Map<string, HeldClaim>();
  readonly events = new Map<string, NodeEvent[]>();
  readonly sessions = new Map<string, Session>();
  readonly boots = new Map<string, StoredBoot[]>();
  readonly secrets = new Map<string, JsonObject>();
  readonly counters = new Map<string, number>();
  /** Who holds a place since when, by counter. */
  readonly places = new Map<string, Map<string, number>>();
  readonly faults = new Faults();
  #staleIndex: IndexEntry[] = [];

  constructor() {
    this.faults.onLag = () => {
      this.#staleIndex = this.#index();
    };
  }

  get index(): readonly IndexEntry[] {
    return this.faults.indexLag ? this.#staleIndex : this.#index();
  }

  /** Throws before anything is changed, as a transaction would. Call for every hard claim first. */
  checkFree(claim: AnyClaim, owner?: string): void {
    const held = this.claims.get(claimName(claim));
    if (!claim.soft && held && held.owner !== owner) throw new ClaimTaken(claim.kind, claim.value, held.owner);
  }

  take(claim: AnyClaim, owner: string): void {
    const held = this.claims.get(claimName(claim));
    if (!held || !claim.soft) this.claims.set(claimName(claim), { owner, shared: false });
    else if (held.owner !== owner) held.shared = true;
  }

  release(claim: AnyClaim, owner: string): void {
    const held = this.claims.get(claimName(claim));
    if (held && held.owner === owner && !held.shared) this.claims.delete(claimName(claim));
  }

  record(uuid: string, events: readonly NewEvent[], now: number): void {
    const created_at = timestamp(now);
    const fresh = events.map((event) => structuredClone({ ...event, uuid: randomUUID(), created_at }));
    if (fresh.length > 0) this.events.set(uuid, [...(this.events.get(uuid) ?? []), ...fresh]);
  }

  #index(): IndexEntry[] {
    const macs = [...this.ports.values()].map((port) => ({
      kind: 'mac' as const,
      value: port.address,
      node: port.node_uuid,
    }));
    const serials = [...this.nodes.values()].flatMap((node) => {
      const value = serialOf(node);
      return value ? [{ kind: 'serial' as const, value, node: node.uuid }] : [];
    });
    return [...macs, ...serials];
  }
}

export const claimName = (claim: { kind: string; value: string }): string => `${claim.kind}#${claim.value}`;
export const macClaim = (address: string): Claim => ({ kind: 'mac', value: address, soft: false });
/** What a port claims, and who then owns it: its MAC is the node's, its name the port's own. */
export const portClaims = (port: Port): readonly (readonly [AnyClaim, owner: string])[] => [
  [macClaim(port.address), port.node_uuid],
  ...(port.name === null ? [] : [[{ kind: 'port_name', value: port.name, soft: false }, port.uuid] as const]),
];
export const lostRace = (kind: 'node' | 'port' | ResourceKind, uuid: string): VersionConflict =>
  new VersionConflict(`The ${kind} ${uuid} was changed or deleted by somebody else`);

export function inCreationOrder<T extends { created_at: string; uuid: string }>(resources: Iterable<T>): T[] {
  const key = (one: T) => `${one.created_at} ${one.uuid}`;
  return [...resources].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
