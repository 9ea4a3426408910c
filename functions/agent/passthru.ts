import { NotFound } from '../../shared/errors.ts';
import { provenNode } from '../../shared/vendor/agent-proof.ts';
import { callVendorMethod, type VendorTools } from '../../shared/vendor/call-vendor-method.ts';
import { storedLimits } from '../../shared/vendor/stored-limits.ts';
import type { VendorMethod } from '../../shared/vendor/vendor-method.ts';
import { documentResults, outcomeAt } from '../../shared/vendor/vendor-results.ts';
import { methodsOf, nodeScope, rowsOf, tableWith } from '../../shared/vendor/vendor-table.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { answerOf, repeatedBy } from '../vendor-answer.ts';

type Needs = Pick<
  Services,
  'nodes' | 'sessions' | 'counters' | 'documents' | 'clock' | 'ids' | 'configuration' | 'hooks' | 'background'
>;
/** How an async call ended: `{agent_token, call}` at the node's path. */
const RESULT = 'result';

/**
 * Vendor passthru for machines, deny by default. A machine calls a row as its own node, by `{agent_token}` at the
 * node's path, or by `{node_uuid, agent_token}` at the driver's. Whatever is wrong with method or proof, the answer is
 * the same 404; only a caller that has proved itself hears what is wrong with its arguments.
 */
export function passthru(
  services: Needs,
  given: { table?: readonly VendorMethod[]; limitMs?: number } = {},
): Record<string, Handler> {
  const table = given.table ?? tableWith(services.configuration.hooks);
  const results = documentResults(services.documents);
  const tools: VendorTools = {
    nodes: services.nodes,
    clock: services.clock,
    ids: services.ids,
    hooks: services.hooks,
    background: services.background,
    results,
    // In the store: machines are many, and so are the processes that they reach.
    limits: storedLimits(services.counters, services.clock),
    ...(given.limitMs !== undefined && { limitMs: given.limitMs }),
  };

  async function call(request: ApiRequest): Promise<ApiResponse> {
    const method = request.params.method ?? request.query.method;
    // No store is asked for a method that no machine of any driver may call.
    const known = table.some((row) => row.audience === 'agent' && row.name === method);
    if (!known && method !== RESULT) throw refusal();
    const { node_uuid, agent_token, ...body } = proofOf(request);
    const node = await provenNode(services, node_uuid, agent_token);
    if (!node) throw refusal();
    const { driver } = request.params;
    const rows = rowsOf(nodeScope(node, 'agent'), table);
    if (driver !== undefined && driver !== node.driver) throw refusal();
    if (method === RESULT) return outcome(body.call, node.uuid);
    if (!rows.some((row) => row.name === method)) throw refusal();
    const asked = { method, httpMethod: request.method, body, idempotencyKey: repeatedBy(request) };
    const called = await callVendorMethod(rows, asked, { kind: 'node', node }, tools);
    if (called.kind === 'value') return answerOf(called);
    await called.ended;
    return { status: 202, headers: { 'X-Nodeless-Call': called.call } };
  }

  async function outcome(call: unknown, owner: string): Promise<ApiResponse> {
    const found = typeof call === 'string' ? await results.get(call) : undefined;
    if (found?.subject !== owner) throw refusal();
    return { status: 200, body: outcomeAt(found, services.clock.now()) };
  }

  /** The same for every node and driver: the listing tells nobody which of them exist. */
  async function methods(): Promise<ApiResponse> {
    return { status: 200, body: methodsOf({ subject: 'node', vendor: '*', audience: 'agent' }, table) };
  }

  return { 'agent/passthru#call': call, 'agent/passthru#methods': methods };
}

/** The body with the node that it claims to speak for: the path's, if there is one. */
function proofOf(request: ApiRequest): Record<string, unknown> {
  const { node } = request.params;
  const body = typeof request.body === 'object' && !Array.isArray(request.body) ? request.body : null;
  const given: Record<string, unknown> = { ...body };
  if (node === undefined) return given;
  // Two different claims prove neither.
  const contradicts = given.node_uuid !== undefined && given.node_uuid !== node;
  return { ...given, node_uuid: contradicts ? undefined : node };
}

function refusal(): NotFound {
  return new NotFound('Not found.');
}
