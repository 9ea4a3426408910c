import type { Clock } from '../clock.ts';
import type { Stranger } from '../enrollment/stranger.ts';
import { VersionConflict } from '../errors.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { Submission } from '../inbox/submission.ts';
import type { JsonObject } from '../json.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import { type WakeDependencies, wake } from '../run/wake.ts';
import { awaitsInspection } from './teaching.ts';

export interface EndDependencies extends WakeDependencies {
  nodes: Pick<NodeStore, 'get' | 'replace'>;
  clock: Clock;
}

export interface Refusal {
  reason: string;
  /** What an operator does before the inspection is started again. */
  next: string;
  detail?: JsonObject;
  /** Key of the document that holds the ramdisk's logs. */
  logs?: string;
}

const TRIES = 3;

/**
 * Whoever waits for an inventory that is not taken hears why, at once: the run ends with that reason, not at its deadline.
 * Returns whether one waited. Throws VersionConflict, of which the agent posts again.
 */
export async function endInspection(
  uuid: string,
  { reason, next, detail = {}, logs }: Refusal,
  given: EndDependencies,
  isMeant: (node: Node) => boolean = () => true,
): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const node = await given.nodes.get(uuid);
    if (!node?.run || !awaitsInspection(node) || !isMeant(node)) return false;
    const run = {
      ...node.run,
      refused: { reason, next, at: given.clock.now() },
      ...(logs === undefined ? {} : { logs }),
    };
    try {
      // Said already, and the run is on its way to read it.
      if (node.run.refused?.reason !== reason) {
        await given.nodes.replace({ ...node, run }, [
          { event_type: 'inspected', event: reason, severity: 'ERROR', user: 'agent', detail },
        ]);
      }
      await wake(uuid, given);
      return true;
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }
  throw new VersionConflict('The node changes at this moment; post again');
}

/**
 * A machine that a person must decide on may be the one that an inspection booted: a node whose MAC it shows, or which has
 * none to be told by. By a sticker alone nobody ends an inspection.
 */
export async function endInspectionsOf(
  { decision, verdict, submission }: Stranger,
  evidence: Evidence,
  given: EndDependencies,
): Promise<void> {
  if (decision.verdict !== 'conflict') return;
  const macs = macsOf(evidence);
  const isMeant = (node: Node): boolean => node.macs.length === 0 || node.macs.some((mac) => macs.includes(mac));
  const refusal = conflicting(verdict.reason, decision.nodes, submission);
  for (const uuid of decision.nodes) await endInspection(uuid, refusal, given, isMeant);
}

export function conflicting(reason: string, candidates: string[], submission: Submission | undefined): Refusal {
  const row = submission === undefined ? 'npx nodeless inbox' : `npx nodeless inbox show ${submission.uuid}`;
  return {
    reason: `the inventory was not taken: ${reason}`,
    next: `see whose machine it is (${row}), and delete the port of the wrong node or approve it as the right one`,
    detail: { candidates, submission: submission?.uuid ?? null },
  };
}
