import { BlockList, isIPv6 } from 'node:net';
import { z } from 'zod';
import { heartbeat } from '../../shared/agent/heartbeat.ts';
import { lookup, NOT_FOUND } from '../../shared/agent/lookup.ts';
import type { Configuration } from '../../shared/configuration.ts';
import { Forbidden, NotFound } from '../../shared/errors.ts';
import type { Handler } from '../services.ts';
import { callerOf } from './caller.ts';
import { evidenceFromBody, inventorySchema, parse } from './evidence-from-request.ts';
import type { HeartbeatServices } from './heartbeat.ts';
import type { LookupServices } from './lookup.ts';
import { nodeForLookup } from './lookup-answer.ts';

/** The protocol of 2014 (contract §5): agents up to 1.4, which have no token. Thin over the same services. */
const lookupBody = z.looseObject({
  // The specification says 2, the code of its time '2'.
  version: z.union([z.literal('2'), z.literal(2)]),
  inventory: inventorySchema,
  node_uuid: z.guid().nullish(),
});
const heartbeatBody = z.looseObject({ agent_url: z.string().max(255) });
const uuid = z.guid();

export function legacyLookupHandler(services: LookupServices): Handler {
  return async (request) => {
    if (!allowed(request.sourceIp, services.configuration)) {
      throw new NotFound(NOT_FOUND).noting({ decision: 'lookup-refused', reason: 'denied' });
    }
    const body = parse(lookupBody, request.body);
    const nodeUuid = body.node_uuid?.toLowerCase();
    const input = { evidence: evidenceFromBody(body.inventory), token: 'none' as const, caller: callerOf(request) };
    const answer = await lookup(nodeUuid === undefined ? input : { ...input, nodeUuid }, services);
    return {
      status: 200,
      body: {
        heartbeat_timeout: answer.intervalSeconds,
        node: nodeForLookup(answer.node, request.publicUrl),
      },
      journal: { node: answer.node.uuid, decision: answer.decision, reason: answer.reasons.join('; ') },
    };
  };
}

export function legacyHeartbeatHandler(services: HeartbeatServices): Handler {
  return async (request) => {
    if (!allowed(request.sourceIp, services.configuration))
      throw new Forbidden('Heartbeats without a token are off here.');
    const { agent_url } = parse(heartbeatBody, request.body);
    const node = parse(uuid, request.params['node']).toLowerCase();
    const decision = await heartbeat(
      { node, callbackUrl: agent_url },
      { ...services, agentNetworks: services.configuration.agentNetworks },
    );
    return { status: 202, journal: { node, decision } };
  };
}

function allowed(ip: string, { legacyHeartbeat }: Pick<Configuration, 'legacyHeartbeat'>): boolean {
  const list = new BlockList();
  for (const cidr of legacyHeartbeat.networks) {
    const [address = '', prefix = ''] = cidr.split('/');
    list.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  }
  const source = ip.replace(/^::ffff:/, '');
  return list.check(source, isIPv6(source) ? 'ipv6' : 'ipv4');
}
