import { NotFound } from '../../shared/errors.ts';
import type { Node } from '../../shared/node/node.ts';
import { CallLimits } from '../../shared/vendor/call-limits.ts';
import { callVendorMethod, type VendorTools } from '../../shared/vendor/call-vendor-method.ts';
import type { Subject, VendorMethod } from '../../shared/vendor/vendor-method.ts';
import { documentResults, outcomeAt } from '../../shared/vendor/vendor-results.ts';
import { driverScope, methodsOf, nodeScope, rowsOf, type Scope, tableWith } from '../../shared/vendor/vendor-table.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { answerOf, repeatedBy } from '../vendor-answer.ts';

type Needs = Pick<
  Services,
  'nodes' | 'documents' | 'bmcs' | 'clock' | 'ids' | 'configuration' | 'hooks' | 'background'
>;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Like `methods`, no row may have this name: `GET …/vendor_passthru/result?call=` tells how an async call ended. */
const RESULT = 'result';

/** Vendor passthru for operators: any verb, method in the path or in the query. */
export function vendor(
  services: Needs,
  given: { table?: readonly VendorMethod[]; limitMs?: number } = {},
): Record<string, Handler> {
  const table = given.table ?? tableWith(services.configuration.hooks);
  const results = documentResults(services.documents);
  const tools: VendorTools = {
    nodes: services.nodes,
    clock: services.clock,
    bmcs: services.bmcs,
    hooks: services.hooks,
    background: services.background,
    ids: services.ids,
    results,
    limits: new CallLimits(services.clock),
    ...(given.limitMs !== undefined && { limitMs: given.limitMs }),
  };

  async function call(request: ApiRequest, subject: Subject, scope: Scope): Promise<ApiResponse> {
    const method = request.params.method ?? request.query.method;
    if (method === RESULT && request.method.toUpperCase() === 'GET') return outcome(request, subject);
    const asked = { method, httpMethod: request.method, body: request.body, idempotencyKey: repeatedBy(request) };
    const called = await callVendorMethod(rowsOf(scope, table), asked, subject, tools);
    if (called.kind === 'value') return answerOf(called);
    // Where nothing goes on in the background the answer waits for the work: at most the method's time limit.
    await called.ended;
    return { status: 202, headers: { 'X-Nodeless-Call': called.call } };
  }

  async function outcome(request: ApiRequest, subject: Subject): Promise<ApiResponse> {
    const id = request.query.call ?? '';
    const found = await results.get(id);
    const owner = subject.kind === 'node' ? subject.node.uuid : subject.driver;
    if (found?.subject !== owner) throw new NotFound(`Call ${id} could not be found.`);
    return { status: 200, body: outcomeAt(found, services.clock.now()) };
  }

  async function nodeOf(request: ApiRequest): Promise<Node> {
    const ident = request.params.node ?? '';
    const byUuid = UUID.test(ident);
    const node = await (byUuid ? services.nodes.get(ident.toLowerCase()) : services.nodes.byName(ident));
    if (!node) throw new NotFound(`Node ${ident} could not be found.`);
    return node;
  }

  return {
    'operator/vendor#node-methods': async (request) => ({
      status: 200,
      body: methodsOf(nodeScope(await nodeOf(request), 'operator'), table),
    }),
    'operator/vendor#node-call': async (request) => {
      const node = await nodeOf(request);
      return call(request, { kind: 'node', node }, nodeScope(node, 'operator'));
    },
    'operator/vendor#driver-methods': async (request) => ({
      status: 200,
      body: methodsOf(driverScope(request.params.driver ?? '', 'operator'), table),
    }),
    'operator/vendor#driver-call': async (request) => {
      const scope = driverScope(request.params.driver ?? '', 'operator');
      return call(request, { kind: 'driver', driver: request.params.driver ?? '' }, scope);
    },
  };
}
