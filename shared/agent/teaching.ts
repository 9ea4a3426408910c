import { type Evidence, type EvidenceItem, macsOf, propertiesOf } from '../identity/evidence.ts';
import type { Explanation } from '../identity/explanation.ts';
import { labelOf, rowOf } from '../identity/kinds.ts';
import { type Matching, rulesOf } from '../identity/matching.ts';
import { lookupAllowed } from '../lifecycle/states.ts';
import type { Node } from '../node/node.ts';

/** What an inventory may teach the node that it was matched with. `evidence`: what of it; undefined is nothing at all. */
export interface Teaching {
  evidence: Evidence | undefined;
  /** For people: a line of the explanation. */
  why: string;
}

/**
 * MACs are read by everybody on the network, so a match by them finds a node and teaches it nothing: what a stranger
 * planted would later speak against the real machine. Pure.
 */
export function teachingOf(node: Node, evidence: Evidence, explanation: Explanation, matching: Matching): Teaching {
  if (awaitsInspection(node)) return { evidence, why: 'all is learnt: its inspection waits for this inventory' };
  if (explanation.hook !== undefined) return { evidence, why: 'all is learnt: a hook says whose it is' };
  if (node.macs.length > 0 && !lookupAllowed(node.provision_state, true)) {
    return {
      evidence: undefined,
      why: `nothing is learnt: no ramdisk is expected of a node that is ${node.provision_state}`,
    };
  }
  const mine = explanation.candidates.find((one) => one.node === node.uuid);
  const threshold = mine?.threshold ?? rulesOf(matching).threshold;
  const points = mine?.for.filter(({ kind }) => kind !== 'mac').reduce((sum, one) => sum + one.points, 0) ?? 0;
  if (points < threshold) {
    const why = `nothing is learnt: beside its MACs ${points} of ${threshold} points speak for it`;
    return {
      evidence: undefined,
      why: `${why}; ask for an inspection (provision verb \`inspect\`) to learn what it shows`,
    };
  }
  return withoutVetoes(node, evidence, matching, `${points} points speak for it beside its MACs`);
}

/** What is never outweighed afterwards takes more than points. */
function withoutVetoes(node: Node, evidence: Evidence, matching: Matching, because: string): Teaching {
  const { vetoes } = rulesOf(matching);
  const isLeftOut = ({ kind }: EvidenceItem): boolean => {
    const { property } = rowOf(kind);
    return property !== undefined && vetoes.includes(kind) && node.properties[property] === undefined;
  };
  const out = evidence.items.filter(isLeftOut).map(({ kind }) => labelOf(kind));
  const rest =
    out.length === 0 ? '' : `, but for its ${[...new Set(out)].join(', ')}: that takes an inspection of its own`;
  const items = evidence.items.filter((item) => !isLeftOut(item));
  return { evidence: { ...evidence, items }, why: `what it shows is learnt (${because})${rest}` };
}

/** A run booted the ramdisk to be told this. */
export function awaitsInspection({ run }: Node): boolean {
  return run != null && !run.ended && run.phases.slice(run.cursor).some(({ kind }) => kind === 'await-inspection');
}

/** What a node lacks or has otherwise, of what a machine shows; in words, shortened by whoever shows it. */
export function untaught(node: Node, evidence: Evidence): string[] {
  const macs = macsOf(evidence).filter((mac) => !node.macs.includes(mac));
  const shown = Object.entries(propertiesOf(evidence));
  const other = shown.filter(([key, value]) => JSON.stringify(node.properties[key]) !== JSON.stringify(value));
  return [...macs.map((mac) => `MAC ${mac}`), ...other.map(([key]) => key)];
}
