import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../clock.ts';
import type { DocumentStore } from '../documents.ts';
import { type Caller, findOrEnrol, seenAs, strangerJournal } from '../enrollment/enrol.ts';
import { ClaimTaken, InvalidInput, NotFound, VersionConflict } from '../errors.ts';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, MAX_MACS, macsOf, propertiesOf } from '../identity/evidence.ts';
import {
  type CandidateExplanation,
  type Explanation,
  linesOf,
  type Moved,
  movedText,
} from '../identity/explanation.ts';
import { evidenceFromInventory } from '../identity/from-inventory.ts';
import { rowOf } from '../identity/kinds.ts';
import { findSubmissions } from '../inbox/find-submission.ts';
import { keepInventory } from '../inbox/keep-inventory.ts';
import { record } from '../inbox/record.ts';
import { applyRules, type Outcome, saidBy } from '../inspection-rules/apply-rules.ts';
import type { InspectionRule } from '../inspection-rules/inspection-rule.ts';
import { keepPorts, portsFor, type RulePorts } from '../inspection-rules/rule-ports.ts';
import { publishedRules } from '../inspection-rules/rule-set.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { newPort } from '../node/new-node.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import type { LookupDependencies } from './lookup.ts';
import type { SessionStore } from './session-store.ts';
import { awaitsInspection, teachingOf } from './teaching.ts';
import { tellUntaught } from './tell-untaught.ts';

export interface InspectionDependencies extends LookupDependencies {
  nodes: Pick<NodeStore, 'get' | 'create' | 'replace'>;
  ports: RulePorts;
  sessions: Pick<SessionStore, 'get' | 'issue'>;
  documents: Pick<DocumentStore, 'put'>;
  resources: Pick<ResourceStore, 'get' | 'holders' | 'create' | 'replace' | 'remove'>;
}

export interface Inspected {
  node: Node;
  decision: 'matched' | 'enrolled';
  reasons: string[];
}

const NOT_FOUND = 'Node could not be found.';

/**
 * A ramdisk posts what the machine is. A matched node learns what `teachingOf` allows, its MACs as ports, in one
 * transaction, so that the MAC-only lookup that follows finds it; an unknown one is enrolled as policy says.
 * Returns the node. Throws NotFound for held, refused and conflicting machines alike.
 */
export async function continueInspection(
  body: JsonObject,
  given: InspectionDependencies,
  from: Omit<Caller, 'request'> = {},
): Promise<Inspected> {
  const inventory = body['inventory'];
  if (inventory === null || typeof inventory !== 'object' || Array.isArray(inventory)) {
    throw new InvalidInput('inventory must be an object');
  }
  const evidence = evidenceFromInventory(inventory as JsonObject, body);
  const caller: Caller = { ...from, request: 'inspection' };
  const found = await findOrEnrol(evidence, caller, given);
  if (!found.found) {
    await keepInventory(found.submission, body, given);
    throw new NotFound(NOT_FOUND).noting(strangerJournal(found));
  }
  const { decision } = found;
  if (found.enrolled) {
    return {
      node: await kept(found.node, evidence, body, inventory, given),
      decision: 'enrolled',
      reasons: found.reasons,
    };
  }
  const teaching = teachingOf(found.node, evidence, decision.explanation, given.configuration.matching);
  const explanation = { ...decision.explanation, learning: teaching.why };
  const reasons = [...found.reasons, teaching.why];
  if (teaching.evidence === undefined) {
    const seen = await finish({ node: found.node, applied: [], log: [] }, {}, false, given);
    return { node: await tellUntaught(seen, evidence, reasons, given), decision: 'matched', reasons };
  }
  const learned = await learn(found.node, teaching.evidence, { decision: { ...decision, explanation }, caller }, given);
  return { node: await kept(learned, teaching.evidence, body, inventory, given), decision: 'matched', reasons };
}

/** The documents, what the rules make of them, and the facts that the node lacks. */
async function kept(
  node: Node,
  evidence: Evidence,
  body: JsonObject,
  inventory: JsonObject,
  given: InspectionDependencies,
): Promise<Node> {
  const ruled = await ruledBy(await publishedRules(given.resources), node, body, inventory, given);
  await keepDocuments(node.uuid, { ...ruled.pluginData, inventory, logs: body['logs'] ?? null }, given.documents);
  return finish(ruled, propertiesOf(evidence), !isDeepStrictEqual(ruled.node, node), given);
}

/** What the operator's rules make of it. Nothing of a failed inspection is kept but the reason. */
async function ruledBy(
  rules: readonly InspectionRule[],
  node: Node,
  body: JsonObject,
  inventory: JsonObject,
  given: InspectionDependencies,
): Promise<Outcome> {
  const { logs: _logs, inventory: _inventory, ...pluginData } = body;
  const ports = await portsFor(rules, node.uuid, given.ports);
  const outcome = applyRules(rules, { node, ports, inventory, pluginData });
  if (outcome.failed === null) {
    await keepPorts(ports, outcome.ports, timestamp(given.clock.now()), given.ports);
    return outcome;
  }
  const detail = { rules: outcome.applied, log: outcome.log };
  // Once: whoever posts the same again and again does not fill the history.
  if (node.last_error !== outcome.failed) {
    await given.nodes.replace({ ...node, last_error: outcome.failed }, [
      { event_type: 'inspected', event: outcome.failed, severity: 'ERROR', user: 'agent', detail },
    ]);
  }
  throw new InvalidInput('An inspection rule refused this machine');
}

/** As many as a transaction holds beside row, claims and event (design §3). */
const MACS_A_WRITE = 40;

/**
 * A match teaches the node what it did not know: new MACs become ports, so that the MAC-only lookup that follows finds it,
 * and identifiers of replaced parts take the place of the old ones. A port whose MAC was not shown stays: its operator
 * removes it, and until then its card leads to this node.
 */
async function learn(
  node: Node,
  evidence: Evidence,
  because: { decision: Decision; caller: Caller },
  given: InspectionDependencies,
): Promise<Node> {
  const { explanation } = because.decision;
  const macs = macsOf(evidence);
  const unknown = macs.filter((mac) => !node.macs.includes(mac));
  const { moved, properties } = replacedIn(node, explanation, evidence);
  if (unknown.length === 0 && moved.length === 0) return node;
  if (node.macs.length + unknown.length > MAX_MACS) {
    return refuse(`node ${node.uuid} would have more than ${MAX_MACS} MACs`, [node.uuid], evidence, because, given);
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
      return refuse(why, both, evidence, because, given);
    }
  }
  return learned;
}

/** Kept for a person, and the one 404 for the agent. */
async function refuse(
  reason: string,
  candidates: string[],
  evidence: Evidence,
  { decision, caller }: { decision: Decision; caller: Caller },
  given: InspectionDependencies,
): Promise<never> {
  const verdict = { outcome: 'hold' as const, reason: `conflict: ${reason}`, policy: null, passed: [] };
  const seen = { ...seenAs(evidence, decision, verdict, caller), state: 'conflict' as const, candidates };
  await record(seen, await findSubmissions(evidence, given.resources), given);
  throw new NotFound(NOT_FOUND).noting({ decision: 'conflict', reason: candidates.join(', ') });
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
  given: InspectionDependencies,
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

/** `logs` dominates the size; the row only says where things are. */
async function keepDocuments(uuid: string, body: JsonObject, documents: Pick<DocumentStore, 'put'>): Promise<void> {
  const { logs, inventory, ...pluginData } = body;
  const json = new TextEncoder().encode(JSON.stringify({ inventory, plugin_data: pluginData }));
  await documents.put(`inventory/${uuid}.json`, json, 'application/json');
  if (typeof logs === 'string' && logs !== '') {
    await documents.put(`logs/${uuid}/inspection.tar.gz`, Buffer.from(logs, 'base64'), 'application/gzip');
  }
}

/** What was found goes into `properties` where the operator left room; a run that waits for it goes on. */
async function finish(
  { node, applied, log }: Pick<Outcome, 'node' | 'applied' | 'log'>,
  profile: JsonObject,
  changed: boolean,
  given: InspectionDependencies,
): Promise<Node> {
  const missing = Object.entries(profile).filter(([key]) => node.properties[key] === undefined);
  const inspects = awaitsInspection(node);
  const restarted = await restartedDuring(node, given);
  // Rules that say the same again are no news: else everybody who knows a MAC could fill the history.
  const news = missing.length > 0 || changed || log.length > 0;
  if (!news && !inspects && restarted === undefined) return node;
  const properties: Record<string, JsonValue> = { ...Object.fromEntries(missing), ...node.properties };
  const at = timestamp(given.clock.now());
  try {
    const stored = await given.nodes.replace(
      { ...node, properties, ...(inspects ? { inspection_finished_at: at } : {}), ...restarted },
      [
        {
          event_type: 'inspected',
          event: `The ramdisk posted its inventory${restarted ? `: it restarted during the ${node.run?.flow}` : ''}${saidBy(log)}`,
          severity: 'INFO',
          user: 'agent',
          detail: applied.length === 0 ? {} : { rules: applied, log },
        },
      ],
    );
    if (inspects) await wake(node.uuid, given);
    return stored;
  } catch (error) {
    // Somebody else wrote the node: the inventory is kept, and 409 makes the agent post again.
    if (error instanceof VersionConflict) throw new VersionConflict('The node changes at this moment; post again');
    throw error;
  }
}

/** An agent at work posts no inventory: one that does has restarted, and lookup must know. Written once for a beat. */
async function restartedDuring(node: Node, given: InspectionDependencies): Promise<Pick<Node, 'run'> | undefined> {
  const { run } = node;
  if (!run || run.ended || !run.present) return undefined;
  const beatAt = (await given.sessions.get(node.uuid))?.lastBeatAt ?? 0;
  return (run.inventoryAt ?? 0) > beatAt ? undefined : { run: { ...run, inventoryAt: given.clock.now() } };
}

async function wake(uuid: string, given: InspectionDependencies): Promise<void> {
  const session = await given.sessions.get(uuid);
  if (session?.taskToken) await given.workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
}
