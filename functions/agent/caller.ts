import type { ApiRequest } from '../http.ts';

/** Who asks, for policies: the address that the gateway saw, and what stands after `/join/`. */
export function callerOf({ sourceIp, params }: ApiRequest): { address: string; joinToken?: string } {
  const { token } = params;
  return token === undefined ? { address: sourceIp } : { address: sourceIp, joinToken: token };
}
