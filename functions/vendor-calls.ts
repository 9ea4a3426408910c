import { callVendorMethod, type VendorRequest, type VendorTools } from '../shared/vendor/call-vendor-method.ts';
import type { Subject, VendorMethod } from '../shared/vendor/vendor-method.ts';
import { documentResults, outcomeAt } from '../shared/vendor/vendor-results.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import type { Services } from './services.ts';

type Needs = Pick<Services, 'nodes' | 'documents' | 'clock' | 'ids' | 'hooks' | 'background'>;
const KEY = /^[\x21-\x7e]{1,128}$/;

/** Beside `methods`, a name that no row may have: it tells how an async call ended. */
export const RESULT = 'result';

/** In the path or in the query. */
export const methodOf = ({ params, query }: ApiRequest): string | undefined => params.method ?? query.method;

/** What both APIs do alike with a call, once each has decided which rows its caller may know. */
export interface VendorCalls {
  call(rows: readonly VendorMethod[], request: ApiRequest, subject: Subject, body: unknown): Promise<ApiResponse>;
  /** Undefined: there is no such call, or it is not this owner's. */
  outcome(call: unknown, owner: string): Promise<ApiResponse | undefined>;
}

export function vendorCalls(services: Needs, own: Pick<VendorTools, 'limits' | 'bmcs'>): VendorCalls {
  const { nodes, clock, ids, hooks, background } = services;
  const results = documentResults(services.documents);
  const tools: VendorTools = { nodes, clock, ids, hooks, background, results, ...own };
  return {
    async call(rows, request, subject, body) {
      const called = await callVendorMethod(rows, asked(request, body), subject, tools);
      if (called.kind === 'accepted') {
        // Where nothing goes on in the background the answer waits for the work: at most the method's time limit.
        await called.ended;
        return { status: 202, headers: { 'X-Nodeless-Call': called.call } };
      }
      // JSON, or, where the method says so, its text as it is.
      const { value, attach } = called;
      if (!attach) return { status: 200, body: value };
      return { status: 200, text: typeof value === 'string' ? value : JSON.stringify(value) };
    },
    async outcome(call, owner) {
      const found = typeof call === 'string' ? await results.get(call) : undefined;
      return found?.subject === owner ? { status: 200, body: outcomeAt(found, clock.now()) } : undefined;
    },
  };
}

function asked(request: ApiRequest, body: unknown): VendorRequest {
  const key = request.headers['idempotency-key'];
  // Anything odd counts as nothing said.
  const idempotencyKey = key !== undefined && KEY.test(key) ? key : undefined;
  return { method: methodOf(request), httpMethod: request.method, body, idempotencyKey, user: request.user };
}
