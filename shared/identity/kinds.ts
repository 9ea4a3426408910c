/** How a value is spelled once, whoever shows it. */
export type Shape = 'mac' | 'text' | 'address' | 'profile';

export interface KindRow {
  /** For people. */
  label: string;
  shape: Shape;
  /** A machine may have several. */
  many: boolean;
  /** Key in a node's `properties`: text, or a list where there are many. MACs are ports. */
  property?: string;
  /** Name of its claim in the store. Without one nothing can be found by it: it only speaks for or against a candidate. */
  claim?: 'mac' | 'serial' | 'system_uuid' | 'asset_tag' | 'board_serial' | 'bmc_mac' | 'tpm_ek';
  /** What one repair replaces as a whole (a network card may be on the board), where the machine itself tells it. */
  part?: 'board' | 'chassis' | 'disks';
  /** Firmware that is flashed from one image brings it to many machines. */
  cloned?: true;
}

/**
 * What can tell machines apart, as data. Parts that travel (disks), that several machines have (a chassis) or that change
 * by themselves (addresses, slots) have no claim: a stranger with a second-hand disk is no reason to stop.
 */
// biome-ignore format: a table reads best with its columns aligned
export const KINDS = {
  mac:            { label: 'MAC',              shape: 'mac',     many: true,  claim: 'mac',  part: 'board' },
  tpm_ek:         { label: 'TPM key hash',     shape: 'text',    many: false, property: 'tpm_ek_hash',    claim: 'tpm_ek',       part: 'board' },
  system_serial:  { label: 'serial number',    shape: 'text',    many: false, property: 'serial_number',  claim: 'serial',       part: 'chassis' },
  system_uuid:    { label: 'system UUID',      shape: 'text',    many: false, property: 'system_uuid',    claim: 'system_uuid',  part: 'board',   cloned: true },
  board_serial:   { label: 'board serial',     shape: 'text',    many: false, property: 'board_serial',   claim: 'board_serial', part: 'board' },
  asset_tag:      { label: 'asset tag',        shape: 'text',    many: false, property: 'asset_tag',      claim: 'asset_tag' },
  bmc_mac:        { label: 'BMC MAC',          shape: 'mac',     many: false, property: 'bmc_mac',        claim: 'bmc_mac',      part: 'board' },
  chassis_serial: { label: 'chassis serial',   shape: 'text',    many: false, property: 'chassis_serial', part: 'chassis' },
  bmc_address:    { label: 'BMC address',      shape: 'address', many: false, property: 'bmc_address' },
  disk:           { label: 'disk serial',      shape: 'text',    many: true,  property: 'disk_serials',   part: 'disks' },
  lldp_slot:      { label: 'switch port',      shape: 'text',    many: true,  property: 'lldp_slots' },
  profile:        { label: 'hardware profile', shape: 'profile', many: false },
} as const satisfies Record<string, KindRow>;

export type EvidenceKind = keyof typeof KINDS;
export const EVIDENCE_KINDS = Object.keys(KINDS) as EvidenceKind[];
export type ClaimKind = NonNullable<KindRow['claim']>;

export const rowOf = (kind: EvidenceKind): KindRow => KINDS[kind];
export const labelOf = (kind: EvidenceKind): string => KINDS[kind].label;

/** Kinds whose values a node's row claims (MACs are claimed by ports). */
export const CLAIMED_BY_ROW = EVIDENCE_KINDS.flatMap((kind) => {
  const { property, claim, shape } = rowOf(kind);
  return property !== undefined && claim !== undefined ? [{ kind, property, claim, shape }] : [];
});
