import { type Evidence, type EvidenceItem, evidenceOf, macsOf, oneSpelled, spelled } from '../identity/evidence.ts';
import type { Explanation } from '../identity/explanation.ts';
import { EVIDENCE_KINDS, type EvidenceKind, rowOf } from '../identity/kinds.ts';
import type { JsonObject } from '../json.ts';
import { isInspected } from './conditions.ts';

/** Where a machine asked from, and with which join token. */
interface Source {
  address: string | null;
  join_token: string | null;
}

/** A decision, so that it can be explained and made again. */
export interface Decided {
  evidence: Evidence;
  explanation: Explanation;
  reasons: string[];
  reason: string;
  source: Source;
}

/** With these the event of a usual machine is one item of 1 KB, which is what a transaction charges for least. */
const MOST_BYTES = 1024;
const MOST_IGNORED = 8;
const MOST_CANDIDATES = 4;

/** Without what the evidence says by itself, and with no more of the rest than is read. */
export const briefly = (explanation: Explanation): Explanation => ({
  ...explanation,
  candidates: explanation.candidates.slice(0, MOST_CANDIDATES),
  ignored: explanation.ignored.slice(0, MOST_IGNORED),
  unknown: [],
});

/** What the event that makes a node keeps. Bounded, and nothing twice: what is of no node is known by the evidence. */
export function keptDecision({ evidence, explanation, reasons, reason, source }: Decided): JsonObject {
  const { candidates, ignored, unknown: _unknown, ...said } = briefly(explanation);
  const shown: Partial<Record<EvidenceKind, string[]>> = {};
  let [bytes, leftOut] = [0, 0];
  for (const item of evidence.items.filter(({ kind }) => kind !== 'mac')) {
    const text = spelled(item);
    bytes += Buffer.byteLength(text);
    if (bytes > MOST_BYTES) leftOut += 1;
    else shown[item.kind] = [...(shown[item.kind] ?? []), text];
  }
  const kept = {
    reasons,
    reason,
    macs: macsOf(evidence),
    serial: oneSpelled(evidence, 'system_serial') ?? null,
    inspected: isInspected(evidence),
    shown,
    profile: evidence.profile,
    explanation: {
      ...said,
      ...(candidates.length > 0 && { candidates }),
      ...(ignored.length > 0 && { ignored }),
    },
    ...(leftOut > 0 && { left_out: leftOut }),
    ...(source.address !== null && { address: source.address }),
    ...(source.join_token !== null && { join_token: source.join_token }),
  };
  return kept as unknown as JsonObject;
}

type Kept = Omit<Decided, 'evidence' | 'explanation' | 'source'> &
  Partial<Source> & {
    macs: string[];
    inspected: boolean;
    shown: Partial<Record<EvidenceKind, string[]>>;
    profile: JsonObject;
    explanation: Pick<Explanation, 'outcome'> & Partial<Explanation>;
  };

/** Explanations name values as they are spelled. */
const names = (item: EvidenceItem, { kind, value }: { kind: EvidenceKind; value: string }): boolean =>
  item.kind === kind && spelled(item) === value;

/** The decision again; undefined for an event that keeps none. */
export function decidedFrom(detail: JsonObject): Decided | undefined {
  if (detail['shown'] === undefined) return undefined;
  const kept = detail as unknown as Kept;
  const source = kept.inspected ? 'inventory' : 'query';
  const shown = EVIDENCE_KINDS.flatMap((kind) =>
    (kind === 'mac' ? kept.macs : (kept.shown[kind] ?? [])).map((text) => ({ kind, text, source }) as const),
  );
  const { items } = evidenceOf(shown);
  const { candidates = [], ignored = [] } = kept.explanation;
  const speaks = (item: EvidenceItem): boolean =>
    ignored.some((one) => names(item, one)) ||
    candidates.some((one) => one.for.some(({ kind, values }) => values.some((value) => names(item, { kind, value }))));
  const unknown = items
    .filter((item) => rowOf(item.kind).claim !== undefined && !speaks(item))
    .map((item) => ({ kind: item.kind, value: spelled(item) }));
  return {
    evidence: {
      items,
      ignored: ignored.filter((one) => !items.some((item) => names(item, one))).map((one) => ({ ...one, source })),
      profile: kept.profile,
    },
    explanation: { ...kept.explanation, candidates, ignored, unknown },
    reasons: kept.reasons,
    reason: kept.reason,
    source: { address: kept.address ?? null, join_token: kept.join_token ?? null },
  };
}
