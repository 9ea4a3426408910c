import { isDeepStrictEqual } from 'node:util';
import { type Clock, timestamp } from '../clock.ts';
import { isInspected } from '../enrollment/conditions.ts';
import { type Counters, minuteOf } from '../enrollment/counters.ts';
import { ClaimTaken, VersionConflict } from '../errors.ts';
import { type Evidence, macsOf } from '../identity/evidence.ts';
import type { JsonObject } from '../json.ts';
import type { NewEvent } from '../node/node.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { isBeside, isSettled, keysBeside } from './beside-settled.ts';
import { findSubmissions } from './find-submission.ts';
import { isRejected } from './rejected.ts';
import { together } from './remembered.ts';
import { INBOX_LIMITS, type InboxLimits, roomFor } from './room.ts';
import { type Submission, uniqueOf } from './submission.ts';

export interface RecordDependencies {
  resources: Pick<ResourceStore, 'get' | 'holders' | 'create' | 'replace' | 'remove'>;
  counters: Counters;
  clock: Clock;
  ids: { uuid(): string };
  configuration: { inbox?: Partial<InboxLimits> };
}

/** What a request adds to a row. */
export type Seen = Pick<
  Submission,
  'state' | 'evidence' | 'explanation' | 'reasons' | 'reason' | 'policy' | 'passed' | 'asked' | 'candidates' | 'source'
>;

const ATTEMPTS = 4;

/** A row that says the same as a moment ago is not written again. */
const AGAIN_AFTER_MS = 15_000;

/**
 * Keeps that a machine was seen, with why it got no node. `rows` are what there is of it: one that was rejected stays, else
 * one that was inspected, else the oldest. Undefined when the inbox is full, or somebody else writes the same machine at
 * this moment.
 */
export async function record(
  seen: Seen,
  rows: readonly Submission[],
  given: RecordDependencies,
): Promise<Submission | undefined> {
  let known = rows;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await recordOnce(seen, known, given);
    } catch (error) {
      if (!(error instanceof ClaimTaken || error instanceof VersionConflict)) throw error;
      // The lookup that follows is judged by what an inspection told; a lookup must not write over a newer one.
      if (seen.source.request === 'lookup' || attempt === ATTEMPTS) return undefined;
      known = await findSubmissions(seen.evidence, given.resources);
      if (known.some((row) => row.state === 'approved' && !isSettled(row, seen))) return undefined;
    }
  }
}

async function recordOnce(
  seen: Seen,
  rows: readonly Submission[],
  given: RecordDependencies,
): Promise<Submission | undefined> {
  const beside = rows.filter((row) => isBeside(row, seen));
  const open = rows.filter((row) => !beside.includes(row));
  const [kept, ...others] = open.toSorted((a, b) => standingOf(a) - standingOf(b));
  if (!kept) return firstTime(seen, beside, given);
  // Who was rejected may show the MACs of any machine that waits: their rows stay theirs.
  if (isRejected(kept)) return again(seen, kept, [...beside, ...others], given);
  for (const row of others) await given.resources.remove('submission', row, row.keys.map(uniqueOf));
  return again(seen, kept, beside, given);
}

/** A person's no is not lost to an older row that waits, nor an inventory to one that has none. */
const standingOf = (row: Submission): number => (isRejected(row) ? 0 : isInspected(row.evidence) ? 1 : 2);

async function firstTime(
  seen: Seen,
  beside: readonly Submission[],
  given: RecordDependencies,
): Promise<Submission | undefined> {
  const limits = { ...INBOX_LIMITS, ...given.configuration.inbox };
  const { own, soft } = keysBeside(seen.evidence, beside);
  const count = await roomFor(String(own[0] ?? soft[0]), limits, given);
  if (count === 0) return undefined;
  const at = timestamp(given.clock.now());
  const row: Submission = {
    ...seen,
    uuid: given.ids.uuid(),
    created_at: at,
    updated_at: null,
    version: 1,
    schema: 1,
    first_seen_at: at,
    last_seen_at: at,
    count,
    has_inventory: false,
    keys: [],
    node: null,
    decision: null,
    decided_by: null,
    decided_at: null,
  };
  return withKeys(own, soft, async (keys) => {
    const stored = { ...row, keys };
    await given.resources.create('submission', stored, keys.map(uniqueOf), [submitted(seen)]);
    return stored;
  });
}

async function again(
  seen: Seen,
  row: Submission,
  beside: readonly Submission[],
  given: RecordDependencies,
): Promise<Submission> {
  const now = given.clock.now();
  const evidence = evidenceOf(row, seen, beside);
  const state = isRejected(row) ? row.state : seen.state;
  const seenNow = { last_seen_at: timestamp(now), count: row.count + 1, updated_at: timestamp(now) };
  // Another inspection has another inventory.
  const isSame = seen.source.request === 'lookup' || isDeepStrictEqual(evidence, row.evidence);
  const has_inventory = row.has_inventory && isSame;
  const next: Submission = { ...row, ...seen, ...seenNow, state, evidence, has_inventory };
  if (isRejected(row)) Object.assign(next, { reason: row.reason, reasons: row.reasons, ...gainedBy(row, evidence) });
  if (row.state === 'approved') Object.assign(next, { node: null, decision: null, decided_by: null, decided_at: null });
  const news = !isDeepStrictEqual([row.state, row.reason, row.evidence], [next.state, next.reason, next.evidence]);
  if (!news && now - Date.parse(row.last_seen_at) < AGAIN_AFTER_MS) return row;
  const { own, soft } = keysBeside(evidence, beside);
  const events = news && (await mayTell(row, given)) ? [submitted(next)] : [];
  return withKeys(own, soft, (keys) =>
    given.resources.replace(
      'submission',
      { ...next, keys },
      { before: row.keys.map(uniqueOf), after: keys.map(uniqueOf) },
      events,
    ),
  );
}

function evidenceOf(row: Submission, { evidence }: Seen, beside: readonly Submission[]): Evidence {
  if (!isRejected(row)) {
    // What was decided on is remembered no more.
    return isInspected(evidence) || row.state === 'approved' ? evidence : together(row.evidence, evidence);
  }
  // A person's no stays what it was said of: it is only seen again, with cards that are of no other row.
  const isFree = (mac: string): boolean => !beside.some(({ keys }) => keys.includes(`mac ${mac}`));
  const items = evidence.items.filter(({ kind, value }) => kind === 'mac' && isFree(value));
  return together(row.evidence, { ...evidence, items });
}

function gainedBy(row: Submission, evidence: Evidence): Pick<Submission, 'gained'> {
  const gained = macsOf(evidence).filter((mac) => !macsOf(row.evidence).includes(mac));
  return gained.length === 0 ? {} : { gained: [...(row.gained ?? []), ...gained] };
}

/** Changes of one row in a minute that its history tells: who shows something else each time must not fill the store. */
const TOLD_A_MINUTE = 6;

async function mayTell({ uuid }: Submission, { counters, clock }: RecordDependencies): Promise<boolean> {
  const { counter, expiresAt } = minuteOf(`told of ${uuid}`, clock.now());
  return counters.take(counter, TOLD_A_MINUTE, expiresAt);
}

/** With as many of the soft keys as are free. */
async function withKeys<T>(own: string[], soft: string[], write: (keys: string[]) => Promise<T>): Promise<T> {
  const free = [...soft];
  for (;;) {
    try {
      return await write([...own, ...free]);
    } catch (error) {
      const at = error instanceof ClaimTaken ? free.indexOf(error.value) : -1;
      if (at < 0) throw error;
      free.splice(at, 1);
    }
  }
}

function submitted(seen: Seen): NewEvent {
  const { evidence, reasons, passed, source, state } = seen;
  return {
    event_type: 'submitted',
    event: `${state}: ${seen.reason}`,
    severity: 'INFO',
    user: 'agent',
    detail: { state, reasons, passed, source, evidence } as unknown as JsonObject,
  };
}
