import { setTimeout as sleep } from 'node:timers/promises';
import { ClaimTaken, NodelessError, Unavailable, VersionConflict } from '../errors.ts';
import type { Evidence } from '../identity/evidence.ts';
import type { NodeStore } from '../node/node-store.ts';
import { admit } from './admit.ts';
import { verdictLines } from './decide-enrolment.ts';
import { type Found, judge, type SightingDependencies, sightingOf } from './judge.ts';
import type { Caller } from './stranger.ts';
import { takePlace } from './take-place.ts';

export interface EnrolmentDependencies extends SightingDependencies {
  nodes: Pick<NodeStore, 'get' | 'create' | 'replace'>;
}

const ATTEMPTS = 4;
/** Long enough for somebody else's enrolment to be there. */
const ONE_WRITE_MS = 100;
const TRY_AGAIN_SECONDS = 30;

/**
 * The node of a machine, found or enrolled. Idempotent: of many racing requests of one machine one enrols, the others
 * lose a claim and find what it made. What a person must decide is kept in the inbox.
 */
export async function findOrEnrol(evidence: Evidence, caller: Caller, given: EnrolmentDependencies): Promise<Found> {
  const asking = sightingOf(given);
  let nameTaken = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const judged = await judge(evidence, caller, asking);
    if ('found' in judged) return judged;
    const { decision, verdict } = judged;
    const place = await takePlace(verdict.policy, given);
    if (place.taken === 'full') {
      asking.full.add(verdict.policy?.name ?? '');
      continue;
    }
    if (place.taken === 'late') {
      // Of many requests of one machine one has a place: look again before this one is sent away.
      if (attempt > 0) throw tooMany();
      await sleep(ONE_WRITE_MS);
      continue;
    }
    try {
      const node = await admit({ ...judged, nameTaken, address: caller.address }, given);
      return { found: true, node, enrolled: true, decision, reasons: [...decision.reasons, ...verdictLines(verdict)] };
    } catch (error) {
      // The node may be there: a place too many is taken at worst, while one given back could let in more than `max`.
      if (!(error instanceof NodelessError) || error instanceof Unavailable) throw error;
      await place.giveBack();
      // Since we looked, somebody took one of these MACs, the name or the token's last use, or wrote the row: look again.
      if (!(error instanceof ClaimTaken || error instanceof VersionConflict)) throw error;
      nameTaken ||= error instanceof ClaimTaken && error.kind === 'name';
    }
  }
  throw new Unavailable('The machine could not be enrolled: others changed the same values all the time');
}

const tooMany = () =>
  new Unavailable('Too many machines enrol at once; try again', TRY_AGAIN_SECONDS).noting({
    decision: 'lookup-refused',
    reason: 'too-many',
  });
