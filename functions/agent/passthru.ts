import { NotFound } from '../../shared/errors.ts';
import { provenNode } from '../../shared/vendor/agent-proof.ts';
import { storedLimits } from '../../shared/vendor/stored-limits.ts';
import { methodsOf, nodeScope, rowsOf, tableWith } from '../../shared/vendor/vendor-table.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { methodOf, RESULT, vendorCalls } from '../vendor-calls.ts';

type Needs = Pick<
  Services,
  'nodes' | 'sessions' | 'counters' | 'documents' | 'clock' | 'ids' | 'configuration' | 'hooks' | 'background'
>;

/**
 * Vendor passthru for machines, deny by default. A machine calls a row as its own node, by `{agent_token}` at the
 * node's path, or by `{node_uuid, agent_token}` at the driver's; `result` wants `{agent_token, call}`. Whatever is wrong
 * with method or proof, the answer is the same 404; only who has proved itself hears what is wrong with its arguments.
 */
export function passthru(services: Needs, table = tableWith(services.configuration.hooks)): Record<string, Handler> {
  // In the store: machines are many, and so are the processes that they reach.
  const calls = vendorCalls(services, { limits: storedLimits(services.counters, services.clock) });

  async function call(request: ApiRequest): Promise<ApiResponse> {
    const method = methodOf(request);
    // No store is asked for a method that no machine of any driver may call.
    const known = table.some((row) => row.audience === 'agent' && row.name === method);
    if (!known && method !== RESULT) throw refusal();
    const { node_uuid, agent_token, ...body } = proofOf(request);
    const node = await provenNode(services, node_uuid, agent_token);
    if (!node) throw refusal();
    const { driver } = request.params;
    if (driver !== undefined && driver !== node.driver) throw refusal();
    const rows = rowsOf(nodeScope(node, 'agent'), table);
    if (rows.some((row) => row.name === method)) return calls.call(rows, request, { kind: 'node', node }, body);
    const outcome = method === RESULT ? await calls.outcome(body.call, node.uuid) : undefined;
    if (!outcome) throw refusal();
    return outcome;
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
