import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, timestamp } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { ClaimTaken, Unavailable } from '../errors.ts';
import type { Hooks } from '../hook/hook-port.ts';
import { askMatchHook } from '../hook/match-hook.ts';
import { noHooks } from '../hook/no-hooks.ts';
import { rationedHooks } from '../hook/rationed-hooks.ts';
import { IDENTITY_BUDGET_SECONDS, withinBudget } from '../hook/within-budget.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import { type IdentifyDependencies, identify } from '../identity/identify.ts';
import { askedBefore, questionOf, verdictOf } from '../inbox/asked-before.ts';
import { findSubmissions } from '../inbox/find-submission.ts';
import { record } from '../inbox/record.ts';
import type { InboxLimits } from '../inbox/room.ts';
import type { Submission } from '../inbox/submission.ts';
import type { Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { admit } from './admit.ts';
import { mayAskHooks, verdictOn, withPoliciesAhead } from './ask-policies.ts';
import type { Counters } from './counters.ts';
import { IMPLIED, type Verdict, verdictLines } from './decide-enrolment.ts';
import { type Caller, type Stranger, seenAs } from './stranger.ts';
import { takePlace } from './take-place.ts';

export interface EnrolmentDependencies extends IdentifyDependencies {
  nodes: Pick<NodeStore, 'get' | 'create'>;
  resources: Pick<ResourceStore, 'get' | 'holders' | 'create' | 'replace' | 'remove'>;
  counters: Counters;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Pick<Configuration, 'enrollment' | 'limits' | 'matching'> & { inbox?: Partial<InboxLimits> };
  /** The operator's own code, for `matching.hook` and for policies that say `hook`. */
  hooks?: Hooks | undefined;
}

export type Found =
  | { found: true; node: Node; enrolled: boolean; decision: Decision; reasons: string[] }
  | ({ found: false } & Stranger);

const ATTEMPTS = 4;
/** Long enough for somebody else's enrolment to be there. */
const ONE_WRITE_MS = 100;
const TRY_AGAIN_SECONDS = 30;

/**
 * The node of a machine, found or enrolled. Idempotent: of many racing requests of one machine one enrols, the others
 * lose a claim and find what it made. What a person must decide is kept in the inbox.
 */
export async function findOrEnrol(evidence: Evidence, caller: Caller, given: EnrolmentDependencies): Promise<Found> {
  let known: Submission[] = [];
  const hooks = rationedHooks(withinBudget(given.hooks ?? noHooks, given.clock, IDENTITY_BUDGET_SECONDS), {
    ...given,
    machinesAMinute: given.configuration.limits.enrolmentsPerMinute,
    cameBefore: () => known.length > 0,
  });
  const asking = { ...given, hooks, matching: given.configuration.matching };
  const question = questionOf(evidence, caller.joinToken);
  const ahead = { ...given, identity: withPoliciesAhead(given.identity, given) };
  const full = new Set<string>();
  let nameTaken = false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const builtIn = await identify(evidence, ahead);
    const asks = builtIn.verdict !== 'match' && (await mayAskHooks(given));
    if (asks) known = await findSubmissions(evidence, given.resources);
    const told = askedBefore(known, question, given.clock.now());
    if (told) return { found: false, verdict: verdictOf(told), decision: builtIn, submission: told };
    const decision = await askMatchHook(evidence, builtIn, asking);
    if (decision.verdict === 'match') {
      return { found: true, node: decision.node, enrolled: false, decision, reasons: decision.reasons };
    }
    const { verdict, token } = await verdictOn(evidence, decision, caller, full, asking);
    if (isUnkept(verdict)) return { found: false, verdict, decision, submission: undefined };
    const rows = asks ? known : await findSubmissions(evidence, given.resources);
    const rejected = rows.find(({ state }) => state === 'rejected');
    if (verdict.outcome !== 'enroll' || rejected) {
      const final = rejected ? rejection(rejected) : verdict;
      const asked = hooks.wasAsked() && { asked: { at: timestamp(given.clock.now()), of: question } };
      const submission = await record({ ...seenAs(evidence, decision, final, caller, token), ...asked }, rows, given);
      return { found: false, verdict: final, decision, submission };
    }
    const place = await takePlace(verdict.policy, given);
    if (place.taken === 'full') {
      full.add(verdict.policy?.name ?? '');
      continue;
    }
    if (place.taken === 'late') {
      // Of many requests of one machine one has a place: look again before this one is sent away.
      if (attempt > 0) throw tooMany();
      await sleep(ONE_WRITE_MS);
      continue;
    }
    try {
      const node = await admit({ evidence, decision, verdict, token, waiting: rows[0], nameTaken }, given);
      return { found: true, node, enrolled: true, decision, reasons: [...decision.reasons, ...verdictLines(verdict)] };
    } catch (error) {
      if (!(error instanceof ClaimTaken)) throw error;
      // Somebody took one of these MACs, the name or the last use of the token since we looked: look again.
      await place.giveBack();
      nameTaken ||= error.kind === 'name';
    }
  }
  throw new Unavailable('The machine could not be enrolled: others changed the same values all the time');
}

const tooMany = () =>
  new Unavailable('Too many machines enrol at once; try again', TRY_AGAIN_SECONDS).noting({
    decision: 'lookup-refused',
    reason: 'too-many',
  });

/** A closed door costs nothing: what no policy names is refused without a trace, and so is who must come back inspected. */
const isUnkept = ({ outcome, policy }: Verdict): boolean =>
  outcome === 'wait' || (outcome === 'deny' && policy?.name === IMPLIED);

function rejection({ decided_by, decision }: Submission): Verdict {
  const why = decision?.reason == null ? '' : `: ${decision.reason}`;
  return { outcome: 'deny', reason: `rejected by ${decided_by}${why}`, policy: null, passed: [] };
}
