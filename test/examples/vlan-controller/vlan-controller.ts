import type { JsonObject, JsonValue } from '../../../shared/json.ts';
import { type Answered, type Asked, type SignedServer, signedServer } from '../signed-server.ts';

/** VLANs that no tenant gets. */
const RESERVED = [1, 4094];

/** A controller of switches: which ports a node has stands in its `extra.switch_ports`. */
export async function vlanController(secret: string): Promise<SignedServer & { vlans: Map<string, number> }> {
  const vlans = new Map<string, number>();

  async function answer({ purpose, request }: Asked): Promise<Answered> {
    if (purpose !== 'vendor') return { status: 404, body: { message: `this controller does not do ${purpose}` } };
    const ports = portsOf(request.node as JsonObject);
    if (ports.length === 0) return { status: 400, body: { message: 'the node names no switch port' } };
    if (request.method === 'show_switch_config') {
      const lines = ports.flatMap((port) => [`interface ${port}`, ` switchport access vlan ${vlans.get(port) ?? 1}`]);
      return { body: { result: `${lines.join('\n')}\n` } };
    }
    const vlan = Number((request.arguments as JsonObject).vlan_id);
    if (RESERVED.includes(vlan)) return { status: 409, body: { message: `VLAN ${vlan} is reserved` } };
    for (const port of ports) vlans.set(port, vlan);
    return { body: { result: { vlan_id: vlan, ports } } };
  }

  return { ...(await signedServer(secret, answer)), vlans };
}

function portsOf({ extra }: JsonObject): string[] {
  const ports: JsonValue | undefined = (extra as JsonObject).switch_ports;
  return Array.isArray(ports) ? ports.filter((port) => typeof port === 'string') : [];
}
