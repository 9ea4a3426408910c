import type { EvidenceItem, IgnoredItem } from './evidence.ts';
import { type EvidenceKind, labelOf } from './kinds.ts';

/** One kind that spoke, with its points (negative: against). */
export interface Spoke {
  kind: EvidenceKind;
  /** What both have, or what the node has and the machine does not show. */
  values: string[];
  points: number;
}

/** Something of a node that the machine shows differently. */
export interface Moved {
  kind: EvidenceKind;
  from: string[];
  to: string[];
}

export interface CandidateExplanation {
  node: string;
  name: string | null;
  for: Spoke[];
  against: Spoke[];
  score: number;
  /** Points that this node needs. */
  threshold: number;
  /** score − threshold: negative is too little. */
  distance: number;
  vetoedBy: EvidenceKind[];
  /** Of so many identifiers that both could show, these differ. */
  compared: number;
  moved: Moved[];
}

/** Why a decision is what it is. Plain data; kept with events and submissions, and shown by `explain`. */
export interface Explanation {
  /** Best first. */
  candidates: CandidateExplanation[];
  ignored: Pick<IgnoredItem, 'kind' | 'value' | 'why'>[];
  /** Shown, and of no candidate. */
  unknown: Pick<EvidenceItem, 'kind' | 'value'>[];
  outcome: string;
  /** What a person can do about it. */
  advice?: string;
  /** What the operator's own code said of it, where it was asked. */
  hook?: string;
  /** What of it the node learnt, and why. */
  learning?: string;
}

const list = (values: readonly string[]): string => values.join(', ');
const points = (value: number): string => (value > 0 ? `+${value}` : String(value));

export const movedText = ({ kind, from, to }: Moved): string =>
  `${labelOf(kind)} ${list(from)} → ${to.length > 0 ? list(to) : 'not shown'}`;

export const nodeText = ({ node, name }: Pick<CandidateExplanation, 'node' | 'name'>): string =>
  name === null ? node : `${name} (${node})`;

export const unknownText = ({ kind, value }: Explanation['unknown'][number]): string =>
  `${labelOf(kind)} ${value} is of no node`;

/** For people: a line for the outcome, then one for each thing that spoke, moved or was ignored. */
export function linesOf({ candidates, ignored, unknown, outcome, advice, hook, learning }: Explanation): string[] {
  return [
    ...(hook === undefined ? [] : [hook]),
    outcome,
    ...(advice === undefined ? [] : [advice]),
    ...(learning === undefined ? [] : [learning]),
    ...candidates.flatMap((candidate) => [
      `node ${nodeText(candidate)}: ${candidate.score} points, ${candidate.threshold} needed (${points(candidate.distance)})`,
      ...candidate.for.map((one) => `  for: ${labelOf(one.kind)} ${list(one.values)} (${points(one.points)})`),
      ...candidate.against.map((one) => `  against: ${labelOf(one.kind)} ${list(one.values)} (${points(one.points)})`),
      ...candidate.vetoedBy.map((kind) => `  veto: another ${labelOf(kind)}, which matching.vetoes does not allow`),
      ...(candidate.moved.length > 0
        ? [
            `  ${candidate.moved.length} of ${candidate.compared} identifiers moved: ${candidate.moved.map(movedText).join('; ')}`,
          ]
        : []),
    ]),
    ...unknown.map(unknownText),
    ...ignored.map(({ kind, value, why }) => `${labelOf(kind)} ${value} is ignored: ${why}`),
  ];
}
