import type { JsonObject } from '../json.ts';
import type { IdentityKey } from '../node/node-store.ts';
import { type IgnoredValues, ignoredBecause } from './ignored-values.ts';
import { EVIDENCE_KINDS, type EvidenceKind, KINDS, rowOf, type Shape } from './kinds.ts';

export type EvidenceSource = 'inventory' | 'query' | 'extra-hardware';

/** One thing that a machine shows of itself. */
export interface EvidenceItem {
  kind: EvidenceKind;
  /** Normalised: what is compared and claimed. */
  value: string;
  source: EvidenceSource;
  /** As it was printed, where that differs: what people read on the machine. */
  printed?: string;
}
export interface IgnoredItem extends EvidenceItem {
  why: string;
}

/** All that a machine shows. Plain data: it is kept with decisions, so that they can be made again. */
export interface Evidence {
  items: EvidenceItem[];
  /** Shown, and of no use. */
  ignored: IgnoredItem[];
  /** Facts for the new node's `properties`: vendor, model, cpus … Compared as a whole, as the kind `profile`. */
  profile: JsonObject;
}

/** For people, who have the sticker before them. MACs and addresses have one spelling everywhere. */
export function spelled({ kind, value, printed }: Pick<EvidenceItem, 'kind' | 'value' | 'printed'>): string {
  if (printed === undefined || KINDS[kind].shape !== 'text') return value;
  return printed.toLowerCase() === value ? printed : oneLine(printed);
}

/** Ironic's limit on interfaces; more is an attack or a mistake. */
export const MAX_MACS = 64;
const LONGEST = 255;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** The one spelling of a value, or undefined when it is none: MACs with colons, texts trimmed, all in lower case. */
export function normalise(shape: Shape, text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const value = oneLine(text).toLowerCase();
  if (value === '' || value.length > LONGEST) return undefined;
  if (shape === 'mac') return normaliseMac(value);
  return shape === 'address' ? value.replace(/%.*$/, '') : value;
}

const oneLine = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

/** A MAC of one card: no group address, not all zeros. */
export function normaliseMac(text: string): string | undefined {
  const mac = text.trim().toLowerCase().replaceAll('-', ':');
  const group = Number.parseInt(mac.slice(0, 2), 16) & 1;
  return MAC.test(mac) && mac !== '00:00:00:00:00:00' && !group ? mac : undefined;
}

export interface Shown {
  kind: EvidenceKind;
  text: unknown;
  source: EvidenceSource;
}

/** Normalises once, drops repetitions, and sets aside what says nothing. */
export function evidenceOf(shown: readonly Shown[], profile: JsonObject = {}): Evidence {
  const items = new Map<string, EvidenceItem>();
  for (const { kind, text, source } of shown) {
    const value = normalise(KINDS[kind].shape, text);
    if (value === undefined || items.has(`${kind} ${value}`)) continue;
    const printed = String(text).trim();
    items.set(`${kind} ${value}`, { kind, value, source, ...(printed === value ? {} : { printed }) });
  }
  return screen({ items: [...items.values()], ignored: [], profile }, {});
}

/** Sets aside what the lists call meaningless: ours, and the operator's. */
export function screen(evidence: Evidence, more: IgnoredValues): Evidence {
  const items: EvidenceItem[] = [];
  const ignored = [...evidence.ignored];
  for (const item of evidence.items) {
    const why = ignoredBecause(item.kind, item.value, more);
    if (why === undefined) items.push(item);
    else ignored.push({ ...item, why });
  }
  return { ...evidence, items, ignored };
}

export const valuesOf = (evidence: Evidence, kind: EvidenceKind): string[] =>
  evidence.items.filter((item) => item.kind === kind).map((item) => item.value);

export const macsOf = (evidence: Evidence): string[] => valuesOf(evidence, 'mac');

/** The first value of a kind of which a machine has one. */
export const oneOf = (evidence: Evidence, kind: EvidenceKind): string | undefined => valuesOf(evidence, kind)[0];

/** The same as it is spelled on the machine. */
export function oneSpelled(evidence: Evidence, kind: EvidenceKind): string | undefined {
  const item = evidence.items.find((one) => one.kind === kind);
  return item && spelled(item);
}

/** Is there anything by which a node could be found? */
export const isFindable = (evidence: Evidence): boolean => keysOf(evidence).length > 0;

/** What the store can look up. `of` says which kinds count at all. */
export function keysOf(evidence: Evidence, of: (kind: EvidenceKind) => boolean = () => true): IdentityKey[] {
  return evidence.items.flatMap(({ kind, value }) => {
    const { claim } = rowOf(kind);
    return claim !== undefined && of(kind) ? [{ kind: claim, value }] : [];
  });
}

/** What a new node's `properties` say of the machine: its facts, and its identifiers as they are printed on it. */
export function propertiesOf(evidence: Evidence): JsonObject {
  const properties: JsonObject = {};
  for (const kind of EVIDENCE_KINDS) {
    const { property, many } = rowOf(kind);
    const printed = evidence.items.filter((item) => item.kind === kind).map((item) => item.printed ?? item.value);
    const [first] = printed;
    if (property === undefined || first === undefined) continue;
    properties[property] = many ? printed : first;
  }
  return { ...properties, ...evidence.profile };
}
