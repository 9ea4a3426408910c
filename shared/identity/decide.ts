import type { Node } from '../node/node.ts';
import { type Evidence, type EvidenceItem, type IgnoredItem, screen, spelled } from './evidence.ts';
import { type CandidateExplanation, type Explanation, linesOf } from './explanation.ts';
import { identifiersOf } from './identifiers.ts';
import { EVIDENCE_KINDS, type EvidenceKind, labelOf, rowOf } from './kinds.ts';
import { DEFAULT_MATCHING, type Matching, type MatchingRules, rulesOf } from './matching.ts';
import { outcomeOf } from './outcome.ts';
import { restates } from './restates.ts';
import { type Candidate, type ShownValues, type Weighed, weigh } from './weigh.ts';

/** Whose machine this is, and why. `reasons` are the lines of the explanation. */
export type Decision = { reasons: string[]; explanation: Explanation } & (
  | { verdict: 'match'; node: Node; by: EvidenceKind[] }
  | { verdict: 'none' }
  /**
   * `several`: it points to more than one node. `weak`: to one, with too few points. `vetoed`: to one that it contradicts.
   * `held`, `denied`: the operator's own code says so.
   */
  | { verdict: 'conflict'; nodes: string[]; because: 'several' | 'weak' | 'vetoed' | 'held' | 'denied' }
);

/**
 * Evidence and the nodes that it may point to → one, none, or a conflict. Pure; the order of its inputs never matters.
 * Evidence for two nodes is a conflict whatever the points: weights say whether one node is near enough, never which of two wins.
 */
export function decide(
  evidence: Evidence,
  candidates: readonly Node[],
  matching: Matching = DEFAULT_MATCHING,
): Decision {
  const rules = rulesOf(matching);
  const all = candidatesOf(candidates, rules);
  const { items, ignored } = setAside(screen(evidence, rules.ignoredValues), all, rules);
  const shown = shownBy(items);
  const weighed = all
    .filter(({ lists }) => evidence.items.some(({ kind, value }) => lists.get(kind)?.includes(value)))
    .map((candidate) => weigh(evidence, shown, candidate, rules))
    .sort((a, b) => b.score - a.score || (a.node < b.node ? -1 : 1));
  const outcome = outcomeOf(weighed);
  const explanation: Explanation = {
    candidates: weighed.map(explained),
    ignored: ignored.map((item) => ({ kind: item.kind, value: spelled(item), why: item.why })),
    unknown: items
      .filter(({ kind, value }) => counts(kind, rules) && !all.some(({ lists }) => lists.get(kind)?.includes(value)))
      .map((item) => ({ kind: item.kind, value: spelled(item) })),
    outcome: outcome.text,
    ...(outcome.advice === undefined ? {} : { advice: outcome.advice }),
  };
  const why = { reasons: linesOf(explanation), explanation };
  if (outcome.verdict === 'none') return { verdict: 'none', ...why };
  if (outcome.verdict === 'conflict') {
    const nodes = outcome.nodes.map(({ node }) => node).sort();
    return { verdict: 'conflict', nodes, because: outcome.because, ...why };
  }
  const node = candidates.find(({ uuid }) => uuid === outcome.node.node);
  if (!node) return { verdict: 'none', ...why };
  return { verdict: 'match', node, by: outcome.node.for.map(({ kind }) => kind), ...why };
}

/** Kinds that can lead to a node, and count with these rules. */
export const counts = (kind: EvidenceKind, rules: Pick<MatchingRules, 'weights'>): boolean =>
  rowOf(kind).claim !== undefined && rules.weights[kind].for > 0;

function candidatesOf(nodes: readonly Node[], rules: MatchingRules): Candidate[] {
  const once = new Map(nodes.map((node) => [node.uuid, node]));
  return [...once.values()]
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1))
    .map((node) => ({ node, lists: identifiersOf(node, rules.ignoredValues) }));
}

/** In one order, without what decides nothing here: values of several nodes, and a UUID that spells the serial number. */
function setAside(evidence: Evidence, all: readonly Candidate[], rules: MatchingRules) {
  const order = (a: EvidenceItem, b: EvidenceItem) =>
    EVIDENCE_KINDS.indexOf(a.kind) - EVIDENCE_KINDS.indexOf(b.kind) || (a.value < b.value ? -1 : 1);
  const serials = evidence.items.filter(({ kind }) => kind === 'system_serial');
  const items: EvidenceItem[] = [];
  const ignored: IgnoredItem[] = [...evidence.ignored];
  for (const item of evidence.items) {
    const why = whyNot(item, all, rules, serials);
    if (why === undefined) items.push(item);
    else ignored.push({ ...item, why });
  }
  return { items: items.sort(order), ignored: ignored.sort(order) };
}

function whyNot(item: EvidenceItem, all: readonly Candidate[], rules: MatchingRules, serials: readonly EvidenceItem[]) {
  const owners = all.filter(({ lists }) => lists.get(item.kind)?.includes(item.value)).length;
  // Two owners of one MAC are a conflict, not a value to overlook.
  if (owners > 1 && item.kind !== 'mac') return `it is shared by ${owners} nodes`;
  if (item.kind === 'system_uuid' && serials.some(({ value }) => restates(item.value, value))) {
    return 'it spells the serial number and is no second witness';
  }
  const { for: gain, against } = rules.weights[item.kind];
  return gain === 0 && against === 0 ? `matching gives a ${labelOf(item.kind)} no weight` : undefined;
}

function shownBy(items: readonly EvidenceItem[]): ShownValues {
  const shown = new Map<EvidenceKind, Map<string, string>>();
  for (const item of items) {
    shown.set(item.kind, (shown.get(item.kind) ?? new Map<string, string>()).set(item.value, spelled(item)));
  }
  return shown;
}

const explained = ({ pointing: _pointing, ...rest }: Weighed): CandidateExplanation => rest;
