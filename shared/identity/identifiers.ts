import type { JsonObject, JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import { normalise, spelled } from './evidence.ts';
import { type IgnoredValues, ignoredBecause } from './ignored-values.ts';
import { EVIDENCE_KINDS, type EvidenceKind, rowOf } from './kinds.ts';

/** What a node's row says of its machine, normalised as evidence is. Values that say nothing are left out. */
export type Identifiers = ReadonlyMap<EvidenceKind, readonly string[]>;

export function identifiersOf(
  node: Pick<Node, 'macs' | 'properties' | 'driver_info'>,
  more: IgnoredValues,
): Identifiers {
  const all = new Map<EvidenceKind, readonly string[]>();
  for (const kind of EVIDENCE_KINDS) {
    const { shape } = rowOf(kind);
    const values = textsOf(node, kind).flatMap((text) => normalise(shape, text) ?? []);
    const known = [...new Set(values)].filter((value) => ignoredBecause(kind, value, more) === undefined);
    if (known.length > 0) all.set(kind, known.sort());
  }
  return all;
}

/** A value of the node as its row spells it, for people. */
export function spelledBy(
  node: Pick<Node, 'macs' | 'properties' | 'driver_info'>,
  kind: EvidenceKind,
  value: string,
): string {
  const { shape } = rowOf(kind);
  if (shape !== 'text') return value;
  const texts = textsOf(node, kind);
  const text = texts.length === 1 ? texts[0] : texts.find((one) => normalise(shape, one) === value);
  return typeof text === 'string' ? spelled({ kind, value, printed: text }) : value;
}

function textsOf(node: Pick<Node, 'macs' | 'properties' | 'driver_info'>, kind: EvidenceKind): readonly JsonValue[] {
  if (kind === 'mac') return node.macs;
  const { property } = rowOf(kind);
  const told = property === undefined ? undefined : node.properties[property];
  const listed = Array.isArray(told) ? told : told === undefined ? [] : [told];
  return kind === 'bmc_address' ? [...listed, ...addressesOf(node.driver_info)] : listed;
}

/** Hosts of `redfish_address`, `ipmi_address` and the like; names are not resolved here. */
function addressesOf(driverInfo: JsonObject): string[] {
  return Object.entries(driverInfo).flatMap(([key, value]) => {
    if (!key.endsWith('_address') || typeof value !== 'string') return [];
    return [
      value
        .replace(/^[a-z+]+:\/\//i, '')
        .replace(/^\[([^\]]*)\].*$/, '$1')
        .replace(/[/?#].*$/, ''),
    ];
  });
}
