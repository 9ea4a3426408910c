import { timestamp } from '../clock.ts';
import { NodelessError } from '../errors.ts';
import type { JsonValue } from '../node/node.ts';
import type { CallLimits } from './call-limits.ts';
import { changeNode } from './change-node.ts';
import { bodyOf, calledRow, checkedArguments, checkLock } from './check-call.ts';
import type { Subject, VendorCall, VendorMethod } from './vendor-method.ts';
import type { VendorOutcome, VendorResults } from './vendor-results.ts';
import { METHOD_LIMIT_MS, withinTime } from './within-time.ts';

export interface VendorRequest {
  method: string | undefined;
  httpMethod: string;
  body: unknown;
}

export interface VendorTools extends Pick<VendorCall, 'nodes' | 'clock' | 'bmcs'> {
  results: VendorResults;
  limits: CallLimits;
  ids: { uuid(): string };
  limitMs?: number;
}

/** `ended` never rejects. A process that is frozen after its answer (Lambda) must await it first. */
export type Called = { kind: 'value'; value: JsonValue } | { kind: 'accepted'; call: string; ended: Promise<void> };

/** Checks in Ironic's order, then runs the row: to its end if it is sync, behind a kept outcome if it is async. */
export async function callVendorMethod(
  rows: readonly VendorMethod[],
  request: VendorRequest,
  subject: Subject,
  tools: VendorTools,
): Promise<Called> {
  const row = calledRow(rows, request.method, request.httpMethod);
  if (subject.kind === 'node') checkLock(row, subject.node);
  const given = checkedArguments(row, bodyOf(row.name, request.body));
  tools.limits.take(`${row.name} ${idOf(subject)}`, row.perMinute);
  const { nodes, clock, bmcs } = tools;
  const httpMethod = request.httpMethod.toUpperCase();
  const work = () =>
    withinTime(row.name, tools.limitMs ?? METHOD_LIMIT_MS, (signal) =>
      row.run({ subject, httpMethod, nodes, clock, signal, ...(bmcs && { bmcs }) }, given),
    );
  if (!row.async) return { kind: 'value', value: await work() };

  const started: VendorOutcome = {
    call: tools.ids.uuid(),
    method: row.name,
    subject: idOf(subject),
    state: 'running',
    result: null,
    error: null,
    started_at: timestamp(clock.now()),
    finished_at: null,
  };
  // Kept before it starts: a call id that was told always has an answer.
  await tools.results.put(started);
  return { kind: 'accepted', call: started.call, ended: conclude(started, subject, work(), tools) };
}

async function conclude(started: VendorOutcome, subject: Subject, work: Promise<JsonValue>, tools: VendorTools) {
  const ending = await work.then(
    (result) => ({ state: 'done' as const, result }),
    (error: unknown) => ({
      state: 'failed' as const,
      error: error instanceof NodelessError ? error.message : 'failed',
    }),
  );
  const outcome: VendorOutcome = { ...started, ...ending, finished_at: timestamp(tools.clock.now()) };
  // What cannot be kept stays "running"; the caller has its 202 and the node is none the worse.
  const kept = [tools.results.put(outcome)];
  if (subject.kind === 'node') kept.push(tell(outcome, tools));
  await Promise.allSettled(kept);
}

/** The node's history says how the call ended, without its value. */
async function tell(outcome: VendorOutcome, tools: VendorTools): Promise<void> {
  const failed = outcome.state === 'failed';
  await changeNode(tools.nodes, outcome.subject, (node) => node, {
    event_type: 'vendor',
    event: failed ? `Vendor method ${outcome.method}: ${outcome.error}` : `Vendor method ${outcome.method} ended`,
    severity: failed ? 'ERROR' : 'INFO',
    user: null,
    detail: { call: outcome.call, method: outcome.method, state: outcome.state },
  });
}

function idOf(subject: Subject): string {
  return subject.kind === 'node' ? subject.node.uuid : subject.driver;
}
