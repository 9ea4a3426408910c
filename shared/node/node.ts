import type { JsonObject } from '../json.ts';
import type { Run } from '../run/run.ts';

/**
 * A machine. Field names and defaults are Ironic's (operator-api.md §2.3), so that the API layer maps nothing;
 * below the line is what Nodeless adds and no client sees.
 * Dates are ISO 8601 strings; dictionary fields are never null.
 */
export interface Node {
  uuid: string;
  name: string | null;
  driver: string;
  driver_info: JsonObject;
  driver_internal_info: JsonObject;
  properties: JsonObject;
  instance_info: JsonObject;
  instance_uuid: string | null;
  instance_name: string | null;
  extra: JsonObject;
  chassis_uuid: string | null;
  created_at: string;
  updated_at: string | null;
  provision_state: string;
  target_provision_state: string | null;
  provision_updated_at: string | null;
  power_state: string | null;
  target_power_state: string | null;
  last_error: string | null;
  maintenance: boolean;
  maintenance_reason: string | null;
  fault: string | null;
  reservation: string | null;
  console_enabled: boolean;
  inspection_started_at: string | null;
  inspection_finished_at: string | null;
  clean_step: JsonObject;
  deploy_step: JsonObject;
  service_step: JsonObject;
  raid_config: JsonObject;
  target_raid_config: JsonObject;
  resource_class: string | null;
  traits: string[];
  conductor_group: string;
  automated_clean: boolean | null;
  protected: boolean;
  protected_reason: string | null;
  owner: string | null;
  lessee: string | null;
  description: string | null;
  allocation_uuid: string | null;
  retired: boolean;
  retired_reason: string | null;
  network_data: JsonObject;
  boot_mode: string | null;
  secure_boot: boolean | null;
  shard: string | null;
  parent_node: string | null;
  disable_power_off: boolean;
  health: string | null;
  /** `<name>_interface` fields: boot, deploy, power, … → implementation. */
  interfaces: Record<string, string>;

  // ---- not part of Ironic's API ----
  /** Grows by one with every write; a write names the version that it read. */
  version: number;
  /** Shape of the stored item; raised when a stored field changes meaning. */
  schema: 1;
  /** Lower-case MACs of the node's ports: an index hit counts only if the node still lists it. */
  macs: string[];
  /** Keys of `driver_info` whose values live in the secrets table; the row holds '******' for them. */
  secret_keys: string[];
  /** The run in progress, or the last one. The row is the truth about it. */
  run: Run | null;
  /** Grows with every run of this node and is never reused. */
  run_sequence: number;
}

/** A NIC. `address` is lower-case with colons. */
export interface Port {
  uuid: string;
  address: string;
  node_uuid: string;
  extra: JsonObject;
  internal_info: JsonObject;
  local_link_connection: JsonObject;
  pxe_enabled: boolean;
  portgroup_uuid: string | null;
  physical_network: string | null;
  is_smartnic: boolean;
  name: string | null;
  description: string | null;
  vendor: string | null;
  category: string | null;
  available_for_dynamic_portgroup: boolean;
  created_at: string;
  updated_at: string | null;
  version: number;
  schema: 1;
}

/** Something that happened to a node, in its own partition, ordered by the node's version. */
export interface NodeEvent {
  uuid: string;
  /** What kind: `enrolled`, `matched`, `transition`, `step`, `power`, `conflict`, `edited` … */
  event_type: string;
  /** A sentence for a person. */
  event: string;
  severity: 'INFO' | 'ERROR';
  /** Who: an operator's name, `agent`, `policy`, `run`, `sweeper`. */
  user: string | null;
  created_at: string;
  /** Anything structured: explanation of a match, step, reason. Never secrets. */
  detail: JsonObject;
}
/** An event without what the store adds: its order comes from the node's version. */
export type NewEvent = Omit<NodeEvent, 'uuid' | 'created_at'>;

export const MASK = '******';
