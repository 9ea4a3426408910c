import { type Clock, timestamp } from '../clock.ts';
import { keptDecision } from '../enrollment/kept-decision.ts';
import { Conflict } from '../errors.ts';
import { macsOf, propertiesOf, valuesOf } from '../identity/evidence.ts';
import { EVIDENCE_KINDS, rowOf } from '../identity/kinds.ts';
import type { JsonObject } from '../json.ts';
import { newPort } from '../node/new-node.ts';
import type { Node, Port } from '../node/node.ts';
import type { Beside, NodeStore, PortStore } from '../node/node-store.ts';
import type { Submission } from './submission.ts';

export interface ReplaceDependencies {
  nodes: Pick<NodeStore, 'get' | 'takeOver'>;
  ports: Pick<PortStore, 'ofNode' | 'byAddress'>;
  clock: Clock;
  ids: { uuid(): string };
}

/**
 * A machine takes the place of the one that a node had: its identifiers come, ports that it does not show go, and what
 * another node had of it moves, with the sessions of all of them ended in one transaction. State and settings stay.
 */
export async function replaceHardware(
  node: Node,
  row: Submission,
  { by, beside }: { by: string | null; beside: readonly Beside[] },
  given: ReplaceDependencies,
): Promise<Node> {
  if (node.reservation !== null) throw new Conflict(`Node ${node.uuid} is locked by ${node.reservation}; try again`);
  const { evidence } = row;
  const macs = macsOf(evidence);
  const [mine, theirs] = await Promise.all([given.ports.ofNode(node.uuid), portsWith(macs, given)]);
  const move = theirs.filter((port) => port.node_uuid !== node.uuid);
  const created_at = timestamp(given.clock.now());
  const add = macs
    .filter((mac) => !theirs.some(({ address }) => address === mac))
    .map((address) => newPort({ uuid: given.ids.uuid(), address, node_uuid: node.uuid, created_at }));
  // A machine that showed no MAC says nothing about ports.
  const drop = macs.length === 0 ? [] : mine.filter(({ address }) => !macs.includes(address));
  const losers = await losersOf(move, row, by, node.uuid, given);
  const properties = { ...withoutIdentifiers(node.properties), ...propertiesOf(evidence) };
  const detail: JsonObject = {
    submission: row.uuid,
    ...keptDecision(row),
    added: add.map(({ address }) => address),
    removed: drop.map(({ address }) => address),
    moved: move.map(({ address, node_uuid }) => ({ address, from: node_uuid })),
  };
  const event = 'Hardware was replaced: the node has the identifiers of another machine now';
  return given.nodes.takeOver(
    { ...node, properties, updated_at: created_at },
    {
      events: [{ event_type: 'replaced', event, severity: 'INFO', user: by, detail }],
      add,
      drop,
      move,
      losers,
      beside,
    },
  );
}

async function portsWith(macs: readonly string[], { ports }: Pick<ReplaceDependencies, 'ports'>): Promise<Port[]> {
  const found = await Promise.all(macs.map((mac) => ports.byAddress(mac)));
  return found.filter((port): port is Port => port !== undefined);
}

/** Nodes that lose a port lose the other identifiers of this machine, too. */
async function losersOf(
  move: readonly Port[],
  { evidence, uuid: submission }: Submission,
  by: string | null,
  to: string,
  given: Pick<ReplaceDependencies, 'nodes'>,
) {
  const uuids = [...new Set(move.map(({ node_uuid }) => node_uuid))];
  const rows = await Promise.all(uuids.map((uuid) => given.nodes.get(uuid)));
  return rows.flatMap((loser) => {
    if (!loser) return [];
    const properties: JsonObject = { ...loser.properties };
    for (const kind of EVIDENCE_KINDS) {
      const { property, many } = rowOf(kind);
      if (property === undefined || many) continue;
      const told = String(properties[property] ?? '').toLowerCase();
      if (valuesOf(evidence, kind).includes(told)) delete properties[property];
    }
    const macs = move.filter(({ node_uuid }) => node_uuid === loser.uuid).map(({ address }) => address);
    const event = `The MACs ${macs.join(', ')} went to node ${to}`;
    const detail: JsonObject = { submission, macs, to };
    const told = { event_type: 'replaced', event, severity: 'INFO' as const, user: by, detail };
    return [{ node: { ...loser, properties }, events: [told] }];
  });
}

/** What named the old machine. Its facts (CPUs, memory) are replaced where the new one tells them. */
function withoutIdentifiers(properties: JsonObject): JsonObject {
  const named = EVIDENCE_KINDS.flatMap((kind) => rowOf(kind).property ?? []);
  return Object.fromEntries(Object.entries(properties).filter(([key]) => !named.includes(key)));
}
