import type { Node } from '../node/node.ts';
import type { Evidence } from './evidence.ts';
import type { CandidateExplanation, Moved, Spoke } from './explanation.ts';
import { type Identifiers, spelledBy } from './identifiers.ts';
import { EVIDENCE_KINDS, type EvidenceKind, rowOf } from './kinds.ts';
import type { MatchingRules, Weight } from './matching.ts';
import { compareProfile, profileText } from './profile.ts';

export interface Candidate {
  node: Node;
  lists: Identifiers;
}
export interface Weighed extends CandidateExplanation {
  /** Kinds that lead to this node by themselves, with points. */
  pointing: EvidenceKind[];
}
/** Values of each kind, and how the machine spells them. */
export type ShownValues = ReadonlyMap<EvidenceKind, ReadonlyMap<string, string>>;

const NO_VALUES: ReadonlyMap<string, string> = new Map();

/** What the evidence says for and against one node. Of two lists of values, one value in common is agreement. */
export function weigh(
  evidence: Evidence,
  shown: ShownValues,
  { node, lists }: Candidate,
  rules: MatchingRules,
): Weighed {
  const spokeFor: Spoke[] = [];
  const against: Spoke[] = [];
  const moved: Moved[] = [];
  const vetoedBy: EvidenceKind[] = [];
  let compared = 0;
  for (const kind of EVIDENCE_KINDS) {
    const weight = rules.weights[kind];
    const known = lists.get(kind);
    // Whoever keeps its MACs back must not be nearer to a node than a machine that shows others.
    const told = shown.get(kind) ?? (kind === 'mac' ? NO_VALUES : undefined);
    if (known === undefined || told === undefined) continue;
    const same = known.filter((value) => told.has(value));
    const gone = known.filter((value) => !told.has(value)).map((value) => spelledBy(node, kind, value));
    compared += known.length;
    if (gone.length > 0 && told.size > 0) {
      const fresh = [...told].flatMap(([value, text]) => (known.includes(value) ? [] : [text]));
      for (const [at, from] of gone.entries())
        moved.push({ kind, from: [from], to: fresh[at] === undefined ? [] : [fresh[at]] });
    }
    if (same.length > 0) {
      spokeFor.push({
        kind,
        values: same.map((value) => told.get(value) ?? value),
        points: pointsFor(weight, same.length, known.length),
      });
    } else {
      against.push({ kind, values: gone, points: -weight.against });
      if (rules.vetoes.includes(kind)) vetoedBy.push(kind);
    }
  }
  const profile = compareProfile(evidence.profile, node.properties);
  const { for: gain, against: loss } = rules.weights.profile;
  if (profile.verdict === 'agrees') {
    spokeFor.push({ kind: 'profile', values: [profileText(evidence.profile)], points: gain });
  }
  if (profile.verdict === 'contradicts') {
    against.push({ kind: 'profile', values: profile.changed, points: -loss });
    if (rules.vetoes.includes('profile')) vetoedBy.push('profile');
  }
  const heard = [spokeFor, against].map((list) => list.filter((one) => one.points !== 0));
  const score = heard.flat().reduce((sum, one) => sum + one.points, 0);
  const threshold = node.macs.length > 0 ? rules.threshold : Math.min(rules.threshold, rules.firstThreshold);
  const [loud = [], dissent = []] = heard;
  return {
    node: node.uuid,
    name: node.name,
    for: loud,
    against: dissent,
    score,
    threshold,
    distance: score - threshold,
    vetoedBy,
    compared,
    moved,
    pointing: loud.map(({ kind }) => kind).filter((kind) => rowOf(kind).claim !== undefined),
  };
}

function pointsFor(weight: Weight, agreeing: number, listed: number): number {
  const { for: first, more = 0, most = Number.POSITIVE_INFINITY, whole = 0 } = weight;
  return Math.min(first + more * (agreeing - 1), Math.max(first, most)) + (agreeing === listed ? whole : 0);
}
