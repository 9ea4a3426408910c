import { timestamp } from '../clock.ts';
import { NodelessError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { Background } from './background.ts';
import { changeNode } from './change-node.ts';
import { bodyOf, calledRow, checkedArguments, checkLock } from './check-call.ts';
import type { Limits } from './stored-limits.ts';
import type { Subject, VendorCall, VendorMethod } from './vendor-method.ts';
import type { VendorOutcome, VendorResults } from './vendor-results.ts';
import { METHOD_LIMIT_MS, withinTime } from './within-time.ts';

export interface VendorRequest {
  method: string | undefined;
  httpMethod: string;
  body: unknown;
  /** Says that a request repeats an earlier one. */
  idempotencyKey?: string | undefined;
  /** Name of the operator who calls. */
  user?: string | null;
}

export interface VendorTools extends Pick<VendorCall, 'nodes' | 'clock' | 'bmcs' | 'hooks'> {
  results: VendorResults;
  limits: Limits;
  ids: { uuid(): string };
  /** Where async calls go on; without it they end before they are answered. */
  background?: Background | undefined;
  limitMs?: number;
}

/** `ended` never rejects. A process that is frozen after its answer (Lambda) must await it first. */
export type Called =
  | { kind: 'value'; value: JsonValue; attach: boolean }
  | { kind: 'accepted'; call: string; ended: Promise<unknown> };

/** Checks in Ironic's order, then runs the row: to its end if it is sync, behind a kept outcome if it is async. */
export async function callVendorMethod(
  rows: readonly VendorMethod[],
  request: VendorRequest,
  subject: Subject,
  tools: VendorTools,
): Promise<Called> {
  const row = calledRow(rows, request.method, request.httpMethod);
  if (subject.kind === 'node') checkLock(row, subject.node);
  const body = bodyOf(row.name, request.body);
  const given = checkedArguments(row, body);
  await tools.limits.take(`${row.name} ${idOf(subject)}`, row.perMinute);
  const call = tools.ids.uuid();
  const { idempotencyKey: repeated } = request;
  const key = repeated === undefined ? call : `${idOf(subject)}/${row.name}/${repeated}`;
  const asked = { row, given, subject, httpMethod: request.httpMethod.toUpperCase(), key };
  if (!row.async) return { kind: 'value', value: await work(asked, tools), attach: row.attach };

  const started: VendorOutcome = {
    call,
    method: row.name,
    subject: idOf(subject),
    state: 'running',
    result: null,
    error: null,
    started_at: timestamp(tools.clock.now()),
    finished_at: null,
  };
  // Kept before it starts: a call id that was told always has an answer.
  await tools.results.put(started);
  const { background } = tools;
  const { user = null } = request;
  if (!background) return { kind: 'accepted', call, ended: conclude(started, work(asked, tools), user, tools) };
  const { audience, name: method } = row;
  const of = subject.kind === 'node' ? { node: subject.node.uuid } : { driver: subject.driver };
  const task = {
    call,
    method,
    httpMethod: asked.httpMethod,
    subject: of,
    audience,
    user,
    arguments: body as JsonObject,
    key,
  };
  try {
    await background.begin(task);
  } catch (error) {
    await conclude(started, Promise.reject(error), user, tools);
    throw error;
  }
  return { kind: 'accepted', call, ended: Promise.resolve() };
}

export interface AskedRow {
  row: VendorMethod;
  given: unknown;
  subject: Subject;
  httpMethod: string;
  key: string;
}

export function work({ row, given, subject, httpMethod, key }: AskedRow, tools: VendorTools): Promise<JsonValue> {
  const { nodes, clock, bmcs, hooks } = tools;
  return withinTime(row.name, tools.limitMs ?? METHOD_LIMIT_MS, (signal) =>
    row.run({ subject, httpMethod, nodes, clock, signal, key, hooks, ...(bmcs && { bmcs }) }, given),
  );
}

export async function conclude(
  started: VendorOutcome,
  running: Promise<JsonValue>,
  user: string | null,
  tools: Pick<VendorTools, 'clock' | 'results' | 'nodes'>,
): Promise<VendorOutcome> {
  const ending = await running.then(
    (result) => ({ state: 'done' as const, result }),
    (error: unknown) => ({
      state: 'failed' as const,
      error: error instanceof NodelessError ? error.message : 'failed',
    }),
  );
  const outcome: VendorOutcome = { ...started, ...ending, finished_at: timestamp(tools.clock.now()) };
  // What cannot be kept stays "running" until it counts as lost; the node is none the worse.
  const told = NODE.test(outcome.subject) ? [tell(outcome, user, tools)] : [];
  await Promise.allSettled([tools.results.put(outcome), ...told]);
  return outcome;
}

const NODE = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The node's history says how the call ended, without its value. */
async function tell(outcome: VendorOutcome, user: string | null, tools: Pick<VendorTools, 'nodes'>): Promise<void> {
  const failed = outcome.state === 'failed';
  await changeNode(tools.nodes, outcome.subject, (node) => node, {
    event_type: 'vendor',
    event: failed ? `Vendor method ${outcome.method}: ${outcome.error}` : `Vendor method ${outcome.method} ended`,
    severity: failed ? 'ERROR' : 'INFO',
    user,
    detail: { call: outcome.call, method: outcome.method, state: outcome.state },
  });
}

function idOf(subject: Subject): string {
  return subject.kind === 'node' ? subject.node.uuid : subject.driver;
}
