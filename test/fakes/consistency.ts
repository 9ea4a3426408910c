import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { documents } from '../../shared/adapters/dynamodb/document.ts';
import { nodeOf, portOf } from '../../shared/adapters/dynamodb/items.ts';
import type { TableNames } from '../../shared/adapters/dynamodb/tables.ts';
import type { MemoryTables } from '../../shared/adapters/memory/tables.ts';
import { claimsOf, macSet } from '../../shared/node/claims.ts';
import type { Node, Port } from '../../shared/node/node.ts';

/** Everything that a deployment has stored about machines, whichever store it is. */
export interface Snapshot {
  nodes: Pick<Node, 'uuid' | 'name' | 'instance_uuid' | 'properties' | 'macs'>[];
  ports: Pick<Port, 'uuid' | 'address' | 'node_uuid'>[];
  /** `name` is `<kind>#<value>`. */
  claims: { name: string; owner: string; shared: boolean }[];
  /** Nodes that have a session. */
  sessions: string[];
  /** What happened to which node. */
  events: { node: string; type: string }[];
}

function grouped(pairs: readonly (readonly [string, string])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group) group.push(value);
    else groups.set(key, [value]);
  }
  return groups;
}

const nameOf = ({ kind, value }: { kind: string; value: string }): string => `${kind}#${value}`;

/**
 * What is wrong with a state; empty when nothing is. It must hold at every moment, not only at rest: each claimed value has
 * one living owner that lists it, every node its claims, ports, session and the event that made it, nothing is left over.
 */
export function inconsistencies(state: Snapshot): string[] {
  const problems: string[] = [];
  const expect = (holds: boolean, problem: string) => void (holds || problems.push(problem));
  const living = new Map(state.nodes.map((node) => [node.uuid, node]));
  const claims = new Map(state.claims.map((claim) => [claim.name, claim]));
  expect(claims.size === state.claims.length, 'a value is claimed twice');

  const sessions = new Set(state.sessions);
  const portsOf = grouped(state.ports.map((port) => [port.node_uuid, port.address]));
  const births = grouped(state.events.filter(({ type }) => type === 'enrolled').map(({ node, type }) => [node, type]));
  const listed = new Map<string, string[]>();
  const list = (name: string, owner: string) => void listed.set(name, [...(listed.get(name) ?? []), owner]);
  for (const node of state.nodes) {
    for (const claim of claimsOf(node)) list(nameOf(claim), node.uuid);
    const ports = portsOf.get(node.uuid) ?? [];
    expect(macSet(ports).join() === macSet(node.macs).join(), `node ${node.uuid} lists other MACs than its ports have`);
    expect(sessions.has(node.uuid), `node ${node.uuid} has no session`);
    const made = births.get(node.uuid)?.length ?? 0;
    expect(made === 1, `node ${node.uuid} has ${made} events that made it`);
  }
  for (const port of state.ports) {
    list(nameOf({ kind: 'mac', value: port.address }), port.node_uuid);
    expect(living.has(port.node_uuid), `port ${port.address} is of no living node`);
  }
  for (const [name, owners] of listed) {
    const claim = claims.get(name);
    expect(claim !== undefined, `${name} is listed by ${owners} and not claimed`);
    if (!claim || claim.shared) continue;
    expect(owners.length === 1 && owners[0] === claim.owner, `${name} of ${claim.owner} is listed by ${owners}`);
  }
  for (const { name, owner, shared } of state.claims.filter(
    ({ name }) => !/^(submission_key|policy_name)#/.test(name),
  )) {
    const isHard = /^(mac|name|instance_uuid)#/.test(name);
    expect(!(isHard && shared), `${name} is shared`);
    expect(shared || living.has(owner), `${name} is claimed by ${owner}, which is no living node`);
    expect(
      shared || (listed.get(name) ?? []).includes(owner),
      `${name} is claimed by ${owner}, which does not list it`,
    );
  }
  for (const session of state.sessions) expect(living.has(session), `session of ${session}, which is no living node`);
  return problems;
}

export function memorySnapshot(tables: MemoryTables): Snapshot {
  return {
    nodes: [...tables.nodes.values()],
    ports: [...tables.ports.values()],
    claims: [...tables.claims].map(([name, { owner, shared }]) => ({ name, owner, shared })),
    sessions: [...tables.sessions.keys()],
    events: [...tables.events].flatMap(([node, events]) =>
      events.map(({ event_type }) => ({ node, type: event_type })),
    ),
  };
}

/** At rest: a scan of a table that is written to sees a mixture. */
export async function dynamoSnapshot(client: Parameters<typeof documents>[0], names: TableNames): Promise<Snapshot> {
  const db = documents(client);
  const scan = async (TableName: string) => {
    const items: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await db.send(
        new ScanCommand({ TableName, ConsistentRead: true, ...(ExclusiveStartKey && { ExclusiveStartKey }) }),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    return items;
  };
  const [items, agents] = await Promise.all([scan(names.nodes), scan(names.agents)]);
  const at = (prefix: string) => items.filter((item) => String(item['pk']).startsWith(prefix));
  return {
    nodes: at('node#').map(nodeOf),
    ports: at('port#').map(portOf),
    claims: at('claim#').map((item) => ({
      name: String(item['pk']).slice('claim#'.length),
      owner: String(item['owner']),
      shared: item['shared'] === true,
    })),
    sessions: agents.filter((item) => item['part'] === 'session').map((item) => String(item['node'])),
    events: at('events#').map((item) => ({
      node: String(item['pk']).slice('events#'.length),
      type: String(item['event_type']),
    })),
  };
}
