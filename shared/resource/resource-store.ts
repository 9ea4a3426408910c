import type { NewEvent } from '../node/node.ts';
import type { From } from './listing.ts';

/** Resources beside nodes and ports. `kind` is also the first part of their partition key. */
export type ResourceKind =
  | 'chassis'
  | 'portgroup'
  | 'allocation'
  | 'deploy_template'
  | 'runbook'
  | 'inspection_rule'
  | 'inspection_rule_set'
  | 'volume_connector'
  | 'volume_target'
  | 'policy'
  | 'policy_set'
  | 'join_token'
  | 'submission';

/** What every one of them has; the rest is its own, with the field names of Ironic's API. */
export interface Stored {
  uuid: string;
  created_at: string;
  updated_at: string | null;
  version: number;
  schema: 1;
}

/** A value of which a kind has one owner: a name, a MAC, an instance. */
export interface UniqueValue {
  kind: string;
  value: string;
}

/**
 * Reads are strongly consistent; a write is one transaction with its claims and names the version it read.
 * `unique` computes the claims of an item, so that a replace releases what it no longer holds.
 * Throws VersionConflict, ClaimTaken (with the kind of the value; `uuid` for the id itself), Unavailable.
 */
export interface ResourceStore {
  get<T extends Stored>(kind: ResourceKind, uuid: string): Promise<T | undefined>;
  /** Through the claim `<kind>_name`. */
  byName<T extends Stored>(kind: ResourceKind, name: string): Promise<T | undefined>;
  /** In creation order. */
  list<T extends Stored>(kind: ResourceKind): Promise<T[]>;
  many<T extends Stored>(kind: ResourceKind, uuids: readonly string[]): Promise<T[]>;
  /** By UUID, read only as far as the caller goes. */
  inOrder<T extends Stored>(kind: ResourceKind, from: From): AsyncIterable<T>;
  /** Ids of those that hold one of these values, each once; strong reads, in one round. */
  holders(values: readonly UniqueValue[]): Promise<string[]>;
  /** Events are its own, in the same transaction; `NodeStore.events` reads them by its uuid. */
  create<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: readonly UniqueValue[],
    events?: readonly NewEvent[],
  ): Promise<T>;
  replace<T extends Stored>(
    kind: ResourceKind,
    item: T,
    unique: { before: readonly UniqueValue[]; after: readonly UniqueValue[] },
    events?: readonly NewEvent[],
  ): Promise<T>;
  remove<T extends Stored>(kind: ResourceKind, item: T, unique: readonly UniqueValue[]): Promise<void>;
}
