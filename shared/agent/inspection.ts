import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../clock.ts';
import type { DocumentStore } from '../documents.ts';
import { findOrEnrol } from '../enrollment/enrol.ts';
import type { Found } from '../enrollment/judge.ts';
import { type Caller, strangerJournal } from '../enrollment/stranger.ts';
import { InvalidInput, NotFound, VersionConflict } from '../errors.ts';
import { type Evidence, propertiesOf } from '../identity/evidence.ts';
import { evidenceFromInventory } from '../identity/from-inventory.ts';
import { keepInventory } from '../inbox/keep-inventory.ts';
import { applyRules, type Outcome, saidBy } from '../inspection-rules/apply-rules.ts';
import type { InspectionRule } from '../inspection-rules/inspection-rule.ts';
import { keepPorts, portsFor, type RulePorts } from '../inspection-rules/rule-ports.ts';
import { publishedRules } from '../inspection-rules/rule-set.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { wake } from '../run/wake.ts';
import { endInspection, endInspectionsOf } from './end-inspection.ts';
import { keepDocuments, keepLogs } from './inspection-documents.ts';
import { learnIdentifiers } from './learn-identifiers.ts';
import type { LookupDependencies } from './lookup.ts';
import { ramdiskError } from './ramdisk-error.ts';
import type { SessionStore } from './session-store.ts';
import { awaitsInspection, teachingOf } from './teaching.ts';
import { tellHourly } from './tell-hourly.ts';
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

/**
 * A ramdisk posts what the machine is. A matched node learns what `teachingOf` allows, its MACs as ports, in one
 * transaction, so that the MAC-only lookup that follows finds it; an unknown one is enrolled as policy says.
 * Returns the node. Throws NotFound for held, refused and conflicting machines alike, of which a run that waits is told more.
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
  const evidence = evidenceFromInventory(inventory, body);
  const caller: Caller = { ...from, request: 'inspection' };
  const found = await findOrEnrol(evidence, caller, given);
  if (!found.found) {
    await keepInventory(found.submission, body, given);
    await endInspectionsOf(found, evidence, given);
    throw new NotFound('Node could not be found.').noting(strangerJournal(found));
  }
  const error = ramdiskError(body['error']);
  if (error !== undefined && (await failedInRamdisk(found.node, error, body, given))) {
    return { node: found.node, decision: 'matched', reasons: [...found.reasons, `its ramdisk failed: ${error}`] };
  }
  const inspected = await learnedFrom(found, { evidence, body, inventory, caller }, given);
  if (error === undefined) return inspected;
  const event = `The ramdisk posted its inventory with an error: ${error}`;
  const told = { event_type: 'inspected', event, severity: 'ERROR', user: 'agent', detail: {} } as const;
  return { ...inspected, node: await tellHourly(inspected.node, 'ramdisk error', told, given) };
}

async function learnedFrom(
  found: Extract<Found, { found: true }>,
  posted: { evidence: Evidence; body: JsonObject; inventory: JsonObject; caller: Caller },
  given: InspectionDependencies,
): Promise<Inspected> {
  const { evidence, body, inventory, caller } = posted;
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
  const learned = await learnIdentifiers(
    found.node,
    teaching.evidence,
    { decision: { ...decision, explanation }, caller },
    given,
  );
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

/** As Ironic's hook `ramdisk-error`: the run that waits for the inventory fails, and nothing of it is learnt but the logs. */
async function failedInRamdisk(
  node: Node,
  error: string,
  body: JsonObject,
  given: InspectionDependencies,
): Promise<boolean> {
  if (!awaitsInspection(node)) return false;
  const logs = await keepLogs(node.uuid, body, given.documents);
  const reason = `the ramdisk failed to inspect the machine: ${error}`;
  const next = `look at the machine${logs === undefined ? '' : ' and at the logs of the ramdisk'}`;
  return endInspection(node.uuid, { reason, next, ...(logs === undefined ? {} : { logs }) }, given);
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
  const next = 'change that rule (/v1/inspection_rules) or what the machine is';
  const ended = await endInspection(node.uuid, { reason: outcome.failed, next, detail }, given);
  // Once: whoever posts the same again and again does not fill the history.
  if (!ended && !node.last_error?.startsWith(outcome.failed)) {
    await given.nodes.replace({ ...node, last_error: outcome.failed }, [
      { event_type: 'inspected', event: outcome.failed, severity: 'ERROR', user: 'agent', detail },
    ]);
  }
  throw new InvalidInput('An inspection rule refused this machine');
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
