import middy from '@middy/core';
import { httpBmc } from '../../shared/adapters/reach/http-bmc.ts';
import { httpReach } from '../../shared/adapters/reach/http-reach.ts';
import type { ReachPayload } from '../../shared/adapters/reach/lambda-reach.ts';
import type { BmcReply } from '../../shared/run/exchange-port.ts';
import type { ExchangeReply } from '../../shared/run/run.ts';

/** Lambda's limit for an answer is 6 MB: what is longer would be lost without a reason. */
const MAX_ANSWER_BYTES = 5_500_000;

/**
 * One exchange. Everything that it needs is in its input, and it calls no AWS API: so it can sit in a VPC that has
 * neither NAT nor endpoints, and its role can do nothing. Loopback is this function's own runtime: no BMC is there.
 */
export const handler = middy<ReachPayload, ExchangeReply | BmcReply>().handler(async (payload) => {
  if (payload.to === 'bmc') return httpBmc({ loopback: false })(payload.exchange);
  const reply = await httpReach.agent(payload.exchange);
  if (Buffer.byteLength(JSON.stringify(reply)) <= MAX_ANSWER_BYTES) return reply;
  return { kind: 'refused', status: 200, message: 'its answer is larger than Lambda can pass on' };
});
