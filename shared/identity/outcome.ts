import { nodeText } from './explanation.ts';
import { type EvidenceKind, labelOf, rowOf } from './kinds.ts';
import type { Weighed } from './weigh.ts';

export type Outcome = { text: string; advice?: string } & (
  | { verdict: 'match'; node: Weighed }
  | { verdict: 'none' }
  | { verdict: 'conflict'; nodes: Weighed[]; because: 'several' | 'weak' | 'vetoed' }
);

/** What the weighed nodes, best first, come to together. */
export function outcomeOf(weighed: readonly Weighed[]): Outcome {
  const pointed = weighed.filter(({ pointing }) => pointing.length > 0);
  const [only, ...others] = pointed;
  if (!only) return { verdict: 'none', text: 'no node: nothing that it shows is of one' };
  if (pointed.every(isAnother)) {
    const clones = pointed.filter(({ score }) => score > 0);
    if (clones.length === 0) {
      return { verdict: 'none', text: 'no node: what it shares with one is outweighed by what differs' };
    }
    const texts = clones.map((one) => `the ${one.pointing.map(labelOf).join(', ')} of node ${nodeText(one)}`);
    return {
      verdict: 'none',
      text: `no node: ${texts.join(', ')} is cloned, and more differs than one repair replaces`,
    };
  }
  if (others.length > 0) {
    const names = pointed.map(nodeText).join(', ');
    return { verdict: 'conflict', nodes: pointed, because: 'several', text: `conflict: it shows values of ${names}` };
  }
  if (only.vetoedBy.length > 0) {
    const text = `conflict: it is like node ${nodeText(only)}, with another ${only.vetoedBy.map(labelOf).join(', ')}`;
    return { verdict: 'conflict', nodes: pointed, because: 'vetoed', text };
  }
  if (only.distance < 0) {
    const text = `conflict: it is like node ${nodeText(only)}, and ${-only.distance} points short of a match`;
    return { verdict: 'conflict', nodes: pointed, because: 'weak', text, ...adviceOn(only) };
  }
  return { verdict: 'match', node: only, text: `match: node ${nodeText(only)}` };
}

/** A known machine that this one is not: a cloned UUID does not stop the next forty. Whoever shows a MAC of it is held. */
const isAnother = (one: Weighed): boolean => one.threshold > 0 && showsNoMacOf(one) && (one.score <= 0 || isClone(one));

const showsNoMacOf = ({ pointing, against }: Weighed): boolean =>
  !pointing.includes('mac') && against.some(({ kind }) => kind === 'mac');

/** All that agrees, but for what a whole rack has in common. */
function onlyWitness({ for: agrees }: Weighed): EvidenceKind | undefined {
  const [witness, ...more] = agrees.map(({ kind }) => kind).filter((kind) => kind !== 'profile');
  return more.length === 0 ? witness : undefined;
}

/**
 * One repair replaces one part: new cards alone, or a new board with its cards, may be the same machine. Points enough are
 * enough, and a veto asks a person.
 */
function isClone(one: Weighed): boolean {
  const witness = onlyWitness(one);
  if (witness === undefined || rowOf(witness).cloned !== true) return false;
  const parts = new Set(one.against.flatMap(({ kind }) => rowOf(kind).part ?? []));
  return parts.size > 1 && one.distance < 0 && one.vetoedBy.length === 0;
}

/** One witness may be the same machine with other cards, or the first of many that show the same. */
function adviceOn(one: Weighed): { advice?: string } {
  const witness = onlyWitness(one);
  if (witness === undefined || !showsNoMacOf(one)) return {};
  const asNew = `as a new one if it is another machine, and then its ${labelOf(witness)} stops nobody else`;
  return { advice: `a person decides: as that node if its cards were replaced; ${asNew}` };
}
