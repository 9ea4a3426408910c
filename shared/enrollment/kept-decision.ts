import { type Evidence, type EvidenceItem, macsOf, oneOf, valuesOf } from '../identity/evidence.ts';
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
  for (const kind of EVIDENCE_KINDS.filter((one) => one !== 'mac')) {
    for (const value of valuesOf(evidence, kind)) {
      bytes += Buffer.byteLength(value);
      if (bytes > MOST_BYTES) leftOut += 1;
      else shown[kind] = [...(shown[kind] ?? []), value];
    }
  }
  const kept = {
    reasons,
    reason,
    macs: macsOf(evidence),
    serial: oneOf(evidence, 'system_serial') ?? null,
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

type Named = Pick<EvidenceItem, 'kind' | 'value'>;
const isSame = (a: Named, b: Named): boolean => a.kind === b.kind && a.value === b.value;

/** The decision again; undefined for an event that keeps none. */
export function decidedFrom(detail: JsonObject): Decided | undefined {
  if (detail['shown'] === undefined) return undefined;
  const kept = detail as unknown as Kept;
  const source = kept.inspected ? 'inventory' : 'query';
  const items = EVIDENCE_KINDS.flatMap((kind): EvidenceItem[] =>
    (kind === 'mac' ? kept.macs : (kept.shown[kind] ?? [])).map((value) => ({ kind, value, source })),
  );
  const { candidates = [], ignored = [] } = kept.explanation;
  const speaks = (item: EvidenceItem): boolean =>
    ignored.some((one) => isSame(item, one)) ||
    candidates.some((one) => one.for.some(({ kind, values }) => kind === item.kind && values.includes(item.value)));
  const unknown = items
    .filter((item) => rowOf(item.kind).claim !== undefined && !speaks(item))
    .map(({ kind, value }) => ({ kind, value }));
  return {
    evidence: {
      items,
      ignored: ignored.filter((one) => !items.some((item) => isSame(item, one))).map((one) => ({ ...one, source })),
      profile: kept.profile,
    },
    explanation: { ...kept.explanation, candidates, ignored, unknown },
    reasons: kept.reasons,
    reason: kept.reason,
    source: { address: kept.address ?? null, join_token: kept.join_token ?? null },
  };
}
