import type { LookupContent } from './lookup.ts';
import { isObject, type Json } from './types.ts';

const MASK = '******';
const SHORTEST_TOKEN = 32;

export interface Adoption {
  readonly uuid: string;
  readonly node: Json;
  readonly heartbeatTimeout: number;
  readonly token: string | null;
  readonly tlsMinimum: '1.2' | '1.3';
  readonly hideBmc: boolean;
  /** The token is already given out and this agent has none: it will sleep for ever. */
  readonly lockedOut: boolean;
}

/** Applies the answer to a lookup as the agent does; what it indexes blindly ends it when missing. */
export function adopt({ node, config }: LookupContent, ownToken: string | null): Adoption {
  for (const key of ['instance_info', 'properties'])
    if (!isObject(node[key])) throw new Error(`lookup: node without '${key}'`);
  return { ...common({ node, config }), ...tokenOf(config.agent_token, ownToken) };
}

/** Agents of 2014-2016 read the UUID and the timeout, nothing else. */
export function adoptLegacy(content: LookupContent): Adoption {
  return { ...common(content), token: null, lockedOut: false };
}

function common({ node, config }: LookupContent): Omit<Adoption, 'token' | 'lockedOut'> {
  const heartbeatTimeout = config.heartbeat_timeout;
  if (typeof heartbeatTimeout !== 'number') throw new Error("lookup: no usable 'heartbeat_timeout'");
  const floor = config.tls_min_version ?? '1.2';
  if (floor !== '1.2' && floor !== '1.3') throw new Error(`lookup: tls_min_version ${floor}`);
  return {
    uuid: String(node.uuid),
    node,
    heartbeatTimeout,
    tlsMinimum: floor,
    hideBmc: config.agent_skip_bmc_detect === true,
  };
}

function tokenOf(given: unknown, own: string | null): { token: string | null; lockedOut: boolean } {
  if (given === MASK) return { token: own, lockedOut: own === null };
  if (typeof given === 'string' && given.length >= SHORTEST_TOKEN) return { token: given, lockedOut: false };
  return { token: own, lockedOut: false };
}
