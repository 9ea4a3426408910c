import type { ClaimKind } from '../identity/kinds.ts';
import type { JsonObject } from '../json.ts';
import type { From } from '../resource/listing.ts';
import type { ResourceKind, Stored } from '../resource/resource-store.ts';
import type { NewEvent, Node, NodeEvent, Port } from './node.ts';

/** A row of another kind that changes with a node, in the same transaction. */
export type Beside =
  /** As it is to be; its version is the one that was read, else `VersionConflict`. */
  | { change: 'replace'; kind: ResourceKind; item: Stored; events?: readonly NewEvent[] }
  /** One use of a join token; `ClaimTaken` when there is none left or it was revoked. */
  | { change: 'use'; token: string };

/** Identifiers that go to one node, and who has had them. Ports are as they were read. */
export interface TakeOver {
  events: readonly NewEvent[];
  add: readonly Port[];
  drop: readonly Port[];
  /** Ports of other nodes, which become ports of this one. */
  move: readonly Port[];
  /** The other nodes, as they are to be, with the version that was read. Their `macs` follow from `move`. */
  losers: readonly { node: Node; events: readonly NewEvent[] }[];
  beside?: readonly Beside[];
}

/**
 * Nodes. Reads are strongly consistent. A write and its events are one transaction; every write names the version it
 * read (`node.version`) and stores version + 1.
 * Throws `VersionConflict` (lost race or node gone), `ClaimTaken` (name, instance_uuid, mac, uuid of another owner),
 * `Unavailable` (throttle, transaction conflict, lost reply that could not be confirmed).
 */
export interface NodeStore {
  get(uuid: string): Promise<Node | undefined>;
  /** Through the name's claim. */
  byName(name: string): Promise<Node | undefined>;
  /** Through the claim of its instance. */
  byInstance(instanceUuid: string): Promise<Node | undefined>;
  /** All nodes, strongly consistent, in creation order. */
  list(): Promise<Node[]>;
  /** Those that are there, in any order. */
  many(uuids: readonly string[]): Promise<Node[]>;
  /** By UUID, read only as far as the caller goes. */
  inOrder(from: From): AsyncIterable<Node>;
  /**
   * Node, ports, hard claims (uuid, name, instance_uuid, each mac), soft claims (serial, system uuid) and the node's session item in one
   * transaction (the first 40 ports; the others follow, one transaction each). `macs` is taken from `ports`.
   */
  create(node: Node, ports: readonly Port[], events?: readonly NewEvent[], beside?: readonly Beside[]): Promise<Node>;
  /** Replaces the row (claims follow name, instance_uuid, serial). Returns what was stored. `learn` adds ports in the same transaction. */
  replace(node: Node, events?: readonly NewEvent[], learn?: readonly Port[]): Promise<Node>;
  /**
   * Replaces the row and moves ports and identifiers to it, and ends the sessions of all nodes concerned (generation + 1),
   * in one transaction. Throws `Conflict` when that is more than a transaction holds.
   */
  takeOver(node: Node, change: TakeOver): Promise<Node>;
  /** Deletes node, ports, claims, session and secrets. Gone only when the claims are free. */
  remove(node: Node): Promise<void>;
  events(nodeUuid: string): Promise<NodeEvent[]>;
}

/** Ports of nodes. A write changes port, claims (MAC, `port_name`) and the owner's `macs` in one transaction. */
export interface PortStore {
  get(uuid: string): Promise<Port | undefined>;
  list(): Promise<Port[]>;
  many(uuids: readonly string[]): Promise<Port[]>;
  inOrder(from: From): AsyncIterable<Port>;
  /** Through the claim of the address. */
  byAddress(address: string): Promise<Port | undefined>;
  /** Through the claim of the name. */
  byName(name: string): Promise<Port | undefined>;
  /** In creation order; none when there is no such node. */
  ofNode(node: string): Promise<Port[]>;
  create(port: Port): Promise<Port>;
  replace(port: Port): Promise<Port>;
  remove(port: Port): Promise<void>;
}

/** Key of a value that identifies a machine. Values are normalised. */
export interface IdentityKey {
  kind: ClaimKind;
  value: string;
}
/** Kinds with an index of their own; of the others the claim is the only way in. */
export const isIndexed = (kind: ClaimKind): kind is 'mac' | 'serial' => kind === 'mac' || kind === 'serial';

export interface Hit {
  key: IdentityKey;
  node: string;
  /** Several nodes have had this value; `node` is only the first of them. */
  shared?: true;
}

/** What the indexes and claims know. Index hits may be stale; claims are strongly consistent. */
export interface IdentityIndex {
  /** by-mac, by-serial, and the claims of the other kinds as they may have been a moment ago: one parallel round. */
  candidates(keys: readonly IdentityKey[]): Promise<Hit[]>;
  /** Strong reads of the claims, in one round. A shared value says so. */
  claims(keys: readonly IdentityKey[]): Promise<Hit[]>;
}

/** Values of `driver_info` that must not be readable by agent functions. */
export interface SecretStore {
  get(nodeUuid: string): Promise<JsonObject>;
  put(nodeUuid: string, values: JsonObject): Promise<void>;
  remove(nodeUuid: string): Promise<void>;
}
