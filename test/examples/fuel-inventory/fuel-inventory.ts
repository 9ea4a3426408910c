import type { JsonObject, JsonValue } from '../../../shared/json.ts';
import { type Answered, type Asked, type SignedServer, signedServer } from '../signed-server.ts';

/** A row of the inventory, as purchasing and the technicians keep it. */
export interface Server {
  serial: string;
  role: 'controller' | 'compute' | 'storage';
  /** Set by the technician who swapped board or card: the node that this machine still is. */
  isNode?: string;
  scrapped?: boolean;
}

/** An inventory in the manner of Fuel's: knows servers by their serial numbers, and what each is for. */
export function fuelInventory(servers: Map<string, Server>): (asked: Asked) => Promise<Answered> {
  return async ({ purpose, request }) => {
    const serial = shown(request, 'system_serial');
    const server = serial === undefined ? undefined : servers.get(serial);
    if (purpose === 'match') return { body: whose(server) };
    if (purpose === 'enroll') return { body: becomes(server, request) };
    return { status: 404, body: { message: `the inventory does not do ${purpose}` } };
  };
}

export const fuelServer = (secret: string, servers: Map<string, Server>): Promise<SignedServer> =>
  signedServer(secret, fuelInventory(servers));

function whose(server: Server | undefined): JsonObject {
  if (server?.scrapped) return { verdict: 'deny', reason: `${server.serial} was scrapped` };
  if (server?.isNode === undefined) return { verdict: 'built-in', reason: 'no technician has touched it' };
  return { verdict: 'match', node: server.isNode, reason: `a technician put ${server.serial} in its place` };
}

function becomes(server: Server | undefined, { profile }: JsonObject): JsonObject {
  if (!server) return { outcome: 'hold', reason: 'not bought by us' };
  const node: JsonObject = {
    name: `${server.role}-{serial}`,
    resource_class: server.role,
    traits: [`CUSTOM_${server.role.toUpperCase()}`],
    properties: { fuel_role: server.role, seen_with: profile ?? {} },
    state: 'available',
  };
  return { outcome: 'enroll', reason: `bought as ${server.role}`, node };
}

function shown({ evidence }: JsonObject, kind: string): string | undefined {
  const items = Array.isArray(evidence) ? (evidence as JsonObject[]) : [];
  const value: JsonValue | undefined = items.find((item) => item.kind === kind)?.value;
  return typeof value === 'string' ? value : undefined;
}
