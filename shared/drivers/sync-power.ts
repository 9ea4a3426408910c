import { createHash } from 'node:crypto';
import { VersionConflict } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import type { Log } from '../log.ts';
import type { NewEvent, Node } from '../node/node.ts';
import type { NodeStore } from '../node/node-store.ts';
import type { Bmcs } from './bmcs.ts';
import type { PowerCapability } from './capabilities.ts';
import { powerCapability } from './registry.ts';

export interface SyncPowerDependencies {
  nodes: Pick<NodeStore, 'replace'>;
  bmcs: Pick<Bmcs, 'exchange'>;
  clock: { now(): number };
  log: Log;
}

/** From when to when (milliseconds) turns are taken now: from the last sweep to this one. */
export interface Turns {
  from: number;
  to: number;
  /** How often each BMC has its turn; 0: never. */
  everySeconds: number;
}

export interface PowerSyncResult {
  asked: number;
  /** Due, but too many for one sweep: they have another turn. */
  left: number;
  /** Nodes whose recorded power state was wrong. */
  corrected: string[];
  /** Nodes taken into maintenance, because their BMC could not be asked. */
  lost: string[];
  /** Nodes brought back from there. */
  recovered: string[];
}

/** BMCs that are asked at once, in one sweep, and for how long new ones are begun. */
const WORKERS = 8;
export const MOST_A_SWEEP = 1000;
const SECONDS = 120;
/** Failures in a row after which somebody must look, as Ironic's `power_state_sync_max_retries`. */
const TRIES = 3;
const FAULT = 'power failure';
/** Not known to have power that can be asked for. */
const UNVERIFIED = ['enroll', 'verifying'];
/** Where failures in a row are counted, in `driver_internal_info`. */
const FAILURES = 'power_sync_failures';

/** Machines whose power somebody knows better than we: their BMC, or an operator's own code. */
const ASKED: readonly PowerCapability[] = ['exchange', 'hook'];

/**
 * Compares what is recorded with what the BMCs say, or the hooks that are drivers. They are right: nothing is switched.
 * Never during a run, whose own business power is: a run that begins meanwhile wins the write.
 */
export async function syncPower(
  nodes: readonly Node[],
  turns: Turns,
  given: SyncPowerDependencies,
): Promise<PowerSyncResult> {
  const result: PowerSyncResult = { asked: 0, left: 0, corrected: [], lost: [], recovered: [] };
  if (turns.everySeconds === 0) return result;
  const all = nodes.filter((node) => isCompared(node) && (isUncertain(node) || hasTurn(node.uuid, turns)));
  const began = given.clock.now();
  // Begins elsewhere each time: where time is too short for all, everybody is asked in the end.
  const start = all.length === 0 ? 0 : Math.floor(began / 1000) % all.length;
  const queue = [...all.slice(start), ...all.slice(0, start)].slice(0, MOST_A_SWEEP);
  const work = async () => {
    for (;;) {
      if (given.clock.now() - began > SECONDS * 1000) return;
      const node = queue.shift();
      if (node === undefined) return;
      await compare(node, given, result).catch((error: unknown) => {
        // One node must not hold up the others.
        if (error instanceof VersionConflict) return;
        const name = error instanceof Error ? error.name : typeof error;
        given.log.error('a power state could not be compared', { node: node.uuid, error: name });
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS, queue.length) }, work));
  return { ...result, left: all.length - result.asked };
}

/** Each node has its own moment of the period, so that each sweep asks a part of the BMCs. */
export function hasTurn(uuid: string, { from, to, everySeconds }: Turns): boolean {
  const period = everySeconds * 1000;
  const moment = createHash('sha256').update(uuid).digest().readUInt32BE() % period;
  return Math.floor((to - moment) / period) > Math.floor((from - moment) / period);
}

/** It failed last time: whether that lasts is found out soon. Once lost, it has its turns as all others. */
function isUncertain(node: Node): boolean {
  return node.fault !== FAULT && node.driver_internal_info[FAILURES] !== undefined;
}

function isCompared(node: Node): boolean {
  const runs = node.run !== null && node.run.ended === null;
  const byOperator = node.maintenance && node.fault !== FAULT;
  const quiet = !runs && node.reservation === null && !byOperator && !UNVERIFIED.includes(node.provision_state);
  return quiet && ASKED.includes(powerCapability(node));
}

async function compare(node: Node, given: SyncPowerDependencies, result: PowerSyncResult): Promise<void> {
  result.asked += 1;
  const reply = await given.bmcs.exchange(node, { to: 'driver', action: 'power-state' });
  if (reply.kind === 'power') {
    if (reply.state !== null) await agreed(node, reply.state, given, result);
  } else if (reply.kind !== 'pending' && reply.kind !== 'unsupported') {
    await failed(node, 'message' in reply ? reply.message : reply.kind, given, result);
  }
}

async function agreed(node: Node, state: string, given: SyncPowerDependencies, result: PowerSyncResult): Promise<void> {
  const { [FAILURES]: failures, ...memory } = node.driver_internal_info;
  const lost = node.fault === FAULT;
  if (node.power_state === state && failures === undefined && !lost) return;
  const events: NewEvent[] = [];
  if (lost) {
    events.push(told('INFO', `${whoOf(node)} answers again: taken out of maintenance`, { power_state: state }));
    result.recovered.push(node.uuid);
  }
  if (node.power_state !== state) {
    const was = node.power_state ?? 'unknown';
    events.push(told('INFO', `${whoOf(node)} says ${state}, recorded was ${was}`, { from: was, to: state }));
    if (!lost) result.corrected.push(node.uuid);
  }
  const back = lost ? { maintenance: false, maintenance_reason: null, fault: null, last_error: null } : {};
  await given.nodes.replace({ ...node, ...back, power_state: state, driver_internal_info: memory }, events);
}

/** Counted in the row: the next sweep may be another process. Once it is lost, nothing more is written. */
async function failed(node: Node, why: string, given: SyncPowerDependencies, result: PowerSyncResult): Promise<void> {
  if (node.fault === FAULT) return;
  const count = Number(node.driver_internal_info[FAILURES] ?? 0) + 1;
  const memory: JsonObject = { ...node.driver_internal_info, [FAILURES]: count };
  if (count < TRIES) {
    await given.nodes.replace({ ...node, driver_internal_info: memory });
    return;
  }
  const reason =
    `During sync_power_state, max retries exceeded for node ${node.uuid}: the power state could not be read ${count} ` +
    `times in a row. ${why}. It comes out of maintenance by itself when ${whoOf(node, 'the')} answers.`;
  await given.nodes.replace(
    {
      ...node,
      driver_internal_info: memory,
      power_state: null,
      maintenance: true,
      maintenance_reason: reason,
      fault: FAULT,
      last_error: reason,
    },
    [told('ERROR', reason, { failures: count })],
  );
  result.lost.push(node.uuid);
}

function whoOf(node: Node, article: 'The' | 'the' = 'The'): string {
  return powerCapability(node) === 'hook' ? `${article} hook ${node.driver_info['hook']}` : `${article} BMC`;
}

function told(severity: NewEvent['severity'], event: string, detail: JsonObject): NewEvent {
  return { event_type: 'power', event, severity, user: 'sweeper', detail };
}
