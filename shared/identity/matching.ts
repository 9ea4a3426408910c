import type { IgnoredValues } from './ignored-values.ts';
import { EVIDENCE_KINDS, type EvidenceKind } from './kinds.ts';

/** Points that a kind adds when it agrees and takes away when it contradicts. */
export interface Weight {
  for: number;
  against: number;
  /** For every further value that agrees, where a machine has many … */
  more?: number;
  /** … up to this sum. */
  most?: number;
  /** In addition, when all that the node lists agree: one disk of several may have been moved. */
  whole?: number;
}

/** How machines are matched: what an operator may set. What is left out comes from the preset. */
export interface Matching {
  /** `ironic`: any MAC of one node and nothing else, as Ironic's lookup. */
  preset: 'nodeless' | 'ironic';
  weights?: Partial<Record<EvidenceKind, Partial<Weight>>>;
  /** Points that make a match. */
  threshold?: number;
  /** Points for a node that has no MAC yet: its operator wrote down a serial number, UUID or tag, and waits for it. */
  firstThreshold?: number;
  /** Kinds of which a contradiction is never outweighed. */
  vetoes?: EvidenceKind[];
  ignoredValues?: IgnoredValues;
  /** The operator's own code, asked after the built-in decision. */
  hook?: { name: string; timeoutSeconds: number; fallback: 'built-in' | 'hold' | 'deny' };
}

/** A complete set, from preset and settings. */
export interface MatchingRules {
  weights: Record<EvidenceKind, Weight>;
  threshold: number;
  firstThreshold: number;
  vetoes: readonly EvidenceKind[];
  ignoredValues: IgnoredValues;
}

const NOTHING: Weight = { for: 0, against: 0 };

/**
 * One MAC is enough, as in Ironic. Without any of its MACs a node needs independent witnesses: serial number and UUID come
 * from one sticker, so it also takes its disks, its BMC or its hardware profile. README.md has the reasons.
 */
export const WEIGHTS: Record<EvidenceKind, Weight> = {
  mac: { for: 100, against: 20, more: 20, most: 160 },
  tpm_ek: { for: 100, against: 100 },
  system_serial: { for: 50, against: 50 },
  system_uuid: { for: 50, against: 50 },
  board_serial: { for: 40, against: 20 },
  asset_tag: { for: 40, against: 10 },
  bmc_mac: { for: 40, against: 10 },
  chassis_serial: { for: 20, against: 10 },
  bmc_address: { for: 10, against: 0 },
  disk: { for: 20, against: 10, more: 10, most: 30, whole: 30 },
  lldp_slot: { for: 10, against: 0 },
  profile: { for: 20, against: 20 },
};

const NODELESS: MatchingRules = {
  weights: WEIGHTS,
  threshold: 100,
  firstThreshold: 40,
  vetoes: ['tpm_ek'],
  ignoredValues: {},
};
const IRONIC: MatchingRules = {
  ...NODELESS,
  weights: {
    ...(Object.fromEntries(EVIDENCE_KINDS.map((kind) => [kind, NOTHING])) as Record<EvidenceKind, Weight>),
    mac: { for: 100, against: 0 },
  },
  firstThreshold: 100,
  vetoes: [],
};

export const PRESETS: Record<Matching['preset'], MatchingRules> = { nodeless: NODELESS, ironic: IRONIC };
export const DEFAULT_MATCHING: Matching = { preset: 'nodeless' };

export function rulesOf(matching: Matching): MatchingRules {
  const preset = PRESETS[matching.preset];
  const weights = Object.fromEntries(
    EVIDENCE_KINDS.map((kind) => [kind, { ...preset.weights[kind], ...matching.weights?.[kind] }]),
  ) as Record<EvidenceKind, Weight>;
  return {
    weights,
    threshold: matching.threshold ?? preset.threshold,
    firstThreshold: matching.firstThreshold ?? preset.firstThreshold,
    vetoes: matching.vetoes ?? preset.vetoes,
    ignoredValues: matching.ignoredValues ?? preset.ignoredValues,
  };
}
