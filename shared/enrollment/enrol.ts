import type { Clock } from '../clock.ts';
import { timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import type { DocumentStore } from '../documents.ts';
import { defaultInterfaces } from '../drivers/registry.ts';
import { ClaimTaken, Unavailable } from '../errors.ts';
import type { Decision } from '../identity/decide.ts';
import { type Evidence, macsOf, oneOf, propertiesOf } from '../identity/evidence.ts';
import { type IdentifyDependencies, identify } from '../identity/identify.ts';
import type { LogFields } from '../log.ts';
import { newNode, newPort } from '../node/new-node.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { decideEnrolment, type Verdict } from './policy.ts';
import type { EnrolmentRate } from './rate.ts';

export interface EnrolmentDependencies extends IdentifyDependencies {
  nodes: Pick<NodeStore, 'get' | 'create'>;
  documents: Pick<DocumentStore, 'put'>;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Pick<Configuration, 'enrollment' | 'limits' | 'matching'>;
  rate: EnrolmentRate;
}

export type Found =
  | { found: true; node: Node; enrolled: boolean; decision: Decision }
  | { found: false; verdict: Verdict; decision: Decision };

/**
 * The node of a machine, found or enrolled. Idempotent: of many racing requests of one machine one enrols, the others
 * lose a claim and find what it made.
 */
export async function findOrEnrol(evidence: Evidence, given: EnrolmentDependencies): Promise<Found> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const decision = await identify(evidence, given);
    if (decision.verdict === 'match') return { found: true, node: decision.node, enrolled: false, decision };
    const verdict = decideEnrolment(evidence, decision, given.configuration);
    if (verdict.outcome !== 'enroll') {
      await keep(evidence, decision, verdict, given);
      return { found: false, verdict, decision };
    }
    if (!given.rate.isOpen(given.clock.now())) {
      throw new Unavailable('Too many machines enrol at once; try again', 30).noting({
        decision: 'lookup-refused',
        reason: 'too-many',
      });
    }
    try {
      const node = await create(evidence, decision, verdict, given);
      given.rate.count(given.clock.now());
      return { found: true, node, enrolled: true, decision };
    } catch (error) {
      if (!(error instanceof ClaimTaken)) throw error;
      // Somebody enrolled one of these MACs since we looked: look again.
    }
  }
  throw new Unavailable('The machine could not be enrolled: others changed the same values all the time');
}

/** What the log says of a machine that is nobody's: for people, who see its reasons in the inbox. */
export function strangerJournal({ verdict, decision }: Extract<Found, { found: false }>): LogFields {
  if (decision.verdict === 'conflict') return { decision: 'conflict', reason: decision.nodes.join(', ') };
  return verdict.outcome === 'hold' ? { decision: 'held' } : { decision: 'lookup-refused', reason: 'denied' };
}

async function create(evidence: Evidence, decision: Decision, verdict: Verdict, given: EnrolmentDependencies) {
  const { enrollment } = given.configuration;
  const created_at = timestamp(given.clock.now());
  const uuid = given.ids.uuid();
  const node = newNode({
    uuid,
    driver: enrollment.driver,
    created_at,
    interfaces: defaultInterfaces(enrollment.driver),
    provision_state: enrollment.state,
    resource_class: enrollment.resourceClass,
    power_state: 'power on',
    properties: propertiesOf(evidence),
  });
  const ports = macsOf(evidence).map((address) =>
    newPort({ uuid: given.ids.uuid(), address, node_uuid: uuid, created_at }),
  );
  return given.nodes.create(node, ports, [
    {
      event_type: 'enrolled',
      event: `Enrolled by its own report: ${verdict.reason}`,
      severity: 'INFO',
      user: 'policy',
      detail: { reasons: decision.reasons, macs: macsOf(evidence), serial: oneOf(evidence, 'system_serial') ?? null },
    },
  ]);
}

/** What a person has to decide is kept with its evidence; one document a machine, the newest submission wins. */
async function keep(evidence: Evidence, decision: Decision, verdict: Verdict, given: EnrolmentDependencies) {
  // Strangers must not fill the store: what is over the bound is not kept, and comes back.
  if (verdict.outcome !== 'hold' || !given.rate.isOpen(given.clock.now())) return;
  given.rate.count(given.clock.now());
  const key = macsOf(evidence).toSorted()[0] ?? oneOf(evidence, 'system_serial') ?? oneOf(evidence, 'system_uuid');
  if (key === undefined) return;
  const submission = { at: timestamp(given.clock.now()), evidence, reasons: decision.reasons, verdict };
  const name = `inbox/${key.replaceAll(/[^0-9a-z-]/g, '-').slice(0, 100)}.json`;
  await given.documents.put(name, new TextEncoder().encode(JSON.stringify(submission)), 'application/json');
}
