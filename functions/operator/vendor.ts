import { NotFound } from '../../shared/errors.ts';
import { storedLimits } from '../../shared/vendor/stored-limits.ts';
import type { Subject } from '../../shared/vendor/vendor-method.ts';
import { driverScope, methodsOf, nodeScope, rowsOf, type Scope, tableWith } from '../../shared/vendor/vendor-table.ts';
import type { ApiRequest, ApiResponse } from '../http.ts';
import type { Handler, Services } from '../services.ts';
import { methodOf, RESULT, vendorCalls } from '../vendor-calls.ts';
import { findNode } from './find-node.ts';

type Needs = Pick<
  Services,
  'nodes' | 'counters' | 'documents' | 'bmcs' | 'clock' | 'ids' | 'configuration' | 'hooks' | 'background'
>;

/** Vendor passthru for operators, by any verb. */
export function vendor(services: Needs): Record<string, Handler> {
  const table = tableWith(services.configuration.hooks);
  const calls = vendorCalls(services, { bmcs: services.bmcs, limits: storedLimits(services.counters, services.clock) });

  async function call(request: ApiRequest, subject: Subject, scope: Scope): Promise<ApiResponse> {
    if (methodOf(request) !== RESULT || request.method.toUpperCase() !== 'GET') {
      return calls.call(rowsOf(scope, table), request, subject, request.body);
    }
    const { call: id = '' } = request.query;
    const outcome = await calls.outcome(id, subject.kind === 'node' ? subject.node.uuid : subject.driver);
    if (!outcome) throw new NotFound(`Call ${id} could not be found.`);
    return outcome;
  }

  const nodeOf = ({ params, minor }: ApiRequest) => findNode(services.nodes, params.node ?? '', minor);

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
