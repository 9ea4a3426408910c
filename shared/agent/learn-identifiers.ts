import { timestamp } from '../clock.ts';
import { type Caller, seenAs } from '../enrollment/stranger.ts';
import { tellContradicted } from '../enrollment/tell-contradicted.ts';
import { ClaimTaken, NotFound } from '../errors.ts';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, MAX_MACS, macsOf, propertiesOf } from '../identity/evidence.ts';
import {
  type CandidateExplanation,
  type Explanation,
  linesOf,
  type Moved,
  movedText,
} from '../identity/explanation.ts';
import { rowOf } from '../identity/kinds.ts';
import { findSubmissions } from '../inbox/find-submission.ts';
import { type RecordDependencies, record } from '../inbox/record.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { newPort } from '../node/new-node.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { conflicting, type EndDependencies, endInspection } from './end-inspection.ts';

export interface LearnDependencies extends RecordDependencies, EndDependencies {
  nodes: Pick<NodeStore, 'get' | 'replace'>;
  resources: RecordDependencies['resources'] & Pick<ResourceStore, 'holders'>;
}

/** As many as a transaction holds beside row, claims and event (design §3). */
const MACS_A_WRITE = 40;

/**
 * A match teaches the node what it did not know: new MACs become ports, so that the MAC-only lookup that follows finds it,
 * and identifiers of replaced parts take the place of the old ones. A port whose MAC was not shown stays: its operator
 * removes it, and until then its card leads to this node.
 */
export async function learnIdentifiers(
  node: Node,
  evidence: Evidence,
  because: { decision: Decision; caller: Caller },
  given: LearnDependencies,
): Promise<Node> {
  const { explanation } = because.decision;
  const macs = macsOf(evidence);
  const unknown = macs.filter((mac) => !node.macs.includes(mac));
  const { moved, properties } = replacedIn(node, explanation, evidence);
  if (unknown.length === 0 && moved.length === 0) return node;
  if (node.macs.length + unknown.length > MAX_MACS) {
    return refuse(
      node,
      `node ${node.uuid} would have more than ${MAX_MACS} MACs`,
      [node.uuid],
      evidence,
      because,
      given,
    );
  }
  const detail = { macs: unknown, moved: moved as unknown as JsonValue, reasons: linesOf(explanation) };
  let learned: Node = { ...node, properties };
  for (let from = 0; from === 0 || from < unknown.length; from += MACS_A_WRITE) {
    const some = unknown.slice(from, from + MACS_A_WRITE);
    const what = [
      ...(some.length > 0 ? [`learned the MACs ${some.join(', ')}`] : []),
      ...(from === 0 && moved.length > 0 ? [`hardware was replaced: ${moved.map(movedText).join('; ')}`] : []),
    ].join('; ');
    try {
      learned = await learnSome(learned, some, { what, detail }, given);
    } catch (error) {
      // A MAC of another node: two machines, or hardware that moved. A person decides; the agent learns nothing.
      if (!(error instanceof ClaimTaken)) throw error;
      const both = [node.uuid, ...(error.owner === undefined ? [] : [error.owner])];
      const why = `it is node ${node.uuid}, and shows ${error.kind} ${error.value} of node ${error.owner}`;
      return refuse(node, why, both, evidence, because, given);
    }
  }
  return learned;
}

/** Kept for a person, told to the run that waits for it, and the one 404 for the agent. */
async function refuse(
  { uuid }: Node,
  reason: string,
  candidates: string[],
  evidence: Evidence,
  { decision, caller }: { decision: Decision; caller: Caller },
  given: LearnDependencies,
): Promise<never> {
  const verdict = { outcome: 'hold' as const, reason: `conflict: ${reason}`, policy: null, passed: [] };
  const seen = { ...seenAs(evidence, decision, verdict, caller), state: 'conflict' as const, candidates };
  const submission = await record(seen, await findSubmissions(evidence, given.resources), given);
  await endInspection(uuid, conflicting(verdict.reason, candidates, submission), given);
  if (submission) await tellContradicted(submission, given);
  throw new NotFound('Node could not be found.').noting({ decision: 'conflict', reason: candidates.join(', ') });
}

/** What moved, and the row's properties with what is there now. MACs of ports stay. */
function replacedIn(node: Node, { candidates }: Explanation, evidence: Evidence) {
  const mine = candidates.find((one: CandidateExplanation) => one.node === node.uuid);
  const shown = propertiesOf(evidence);
  const properties: JsonObject = { ...node.properties };
  const moved: Moved[] = [];
  for (const one of mine?.moved ?? []) {
    const { property } = rowOf(one.kind);
    const now = property === undefined ? undefined : shown[property];
    if (one.kind !== 'mac' && (property === undefined || now === undefined)) continue;
    if (one.kind === 'mac' && one.to.length === 0) continue;
    // What `driver_info` says may differ for good: that is no news.
    if (property !== undefined && JSON.stringify(node.properties[property]) === JSON.stringify(now)) continue;
    moved.push(one);
    if (property !== undefined && now !== undefined) properties[property] = now;
  }
  return { moved, properties };
}

async function learnSome(
  node: Node,
  unknown: readonly string[],
  { what, detail }: { what: string; detail: JsonObject },
  given: LearnDependencies,
): Promise<Node> {
  const created_at = timestamp(given.clock.now());
  const ports = unknown.map((address) =>
    newPort({ uuid: given.ids.uuid(), address, node_uuid: node.uuid, created_at }),
  );
  const event = {
    event_type: 'learned',
    event: `From its inspection: ${what}`,
    severity: 'INFO' as const,
    user: 'agent',
    detail,
  };
  return given.nodes.replace(node, [event], ports);
}
