import { randomUUID } from 'node:crypto';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Conflict } from '../../errors.ts';
import { claimChanges, claimsOf, macSet, sameClaim } from '../../node/claims.ts';
import type { NewEvent, Node, Port } from '../../node/node.ts';
import type { TakeOver } from '../../node/node-store.ts';
import { besideWrites } from './beside.ts';
import { macClaim, passClaim, passSoftClaim, releaseClaim, takeClaim } from './claims.ts';
import { getResource } from './document.ts';
import { eventPuts } from './event-puts.ts';
import { heldAttributes, nodeOf, portItem } from './items.ts';
import { SESSION } from './keys.ts';
import { shapeOf, writtenByNewer } from './shapes.ts';
import type { KnownTables } from './tables.ts';
import { transact, type Write } from './transact.ts';
import { addPort, dropPort, lostRace, nodePut } from './writes.ts';

const MOST_WRITES = 100;

/** One transaction; see NodeStore.takeOver. */
export async function takeOver(
  db: DynamoDBDocumentClient,
  names: KnownTables,
  node: Node,
  change: TakeOver,
  now: number,
): Promise<Node> {
  const table = names.nodes;
  const moved = change.move.map((port) => port.address);
  const dropped = change.drop.map((port) => port.address);
  const came = [...change.add.map((port) => port.address), ...moved];
  const macs = macSet([...node.macs.filter((mac) => !dropped.includes(mac)), ...came]);
  const stored: Node = { ...node, macs, version: node.version + 1 };
  const losers = change.losers.map(({ node: loser, events }) => ({
    events,
    node: { ...loser, macs: loser.macs.filter((mac) => !moved.includes(mac)), version: loser.version + 1 },
  }));
  const gaining = await rowWrites(db, table, stored, change.events, now);
  const losing = await Promise.all(losers.map((loser) => rowWrites(db, table, loser.node, loser.events, now)));
  const passed = losing.flatMap(({ released, uuid }) =>
    released
      .filter((claim) => gaining.taken.some((taken) => sameClaim(taken, claim)))
      .map((claim) => ({ claim, uuid })),
  );
  const isPassed = (claim: (typeof gaining.taken)[number]) => passed.some((one) => sameClaim(one.claim, claim));
  const writes: Write[] = [
    ...gaining.writes,
    ...losing.flatMap((loser) => loser.writes),
    ...gaining.released.map((claim) => releaseClaim(table, claim, stored.uuid)),
    ...gaining.taken.filter((claim) => !isPassed(claim)).map((claim) => takeClaim(table, claim, stored.uuid)),
    ...passed.map(({ claim, uuid }) => passSoftClaim(table, claim, uuid, stored.uuid)),
    ...losing.flatMap(({ released, uuid }) =>
      released.filter((claim) => !isPassed(claim)).map((claim) => releaseClaim(table, claim, uuid)),
    ),
    ...change.add.flatMap((port) => addPort(table, port)),
    ...change.drop.flatMap((port) => dropPort(table, port, port.version)),
    ...change.move.flatMap((port) => movePort(table, port, stored.uuid)),
    ...[stored, ...losers.map((loser) => loser.node)].map(({ uuid }) => endSession(names.agents, uuid)),
    ...besideWrites(table, change.beside ?? [], now),
  ];
  if (writes.length > MOST_WRITES) {
    throw new Conflict('This moves more than one write can hold; delete ports of the node first');
  }
  await transact(
    db,
    writes,
    async () => (await getResource(db, table, 'node', stored.uuid))?.written === gaining.written,
  );
  return stored;
}

/** The row over the version that was read, with its events; and the claims that come and go. */
async function rowWrites(
  db: DynamoDBDocumentClient,
  table: string,
  stored: Node,
  events: readonly NewEvent[],
  now: number,
) {
  const item = await getResource(db, table, 'node', stored.uuid);
  const before = item && nodeOf(item);
  if (!before || before.version !== stored.version - 1) throw lostRace('node', stored.uuid);
  const written = randomUUID();
  const put: Write = {
    item: { Put: nodePut(table, stored, before.version, heldAttributes(before), written) },
    refused: (old) => writtenByNewer('node', old) ?? lostRace('node', stored.uuid),
  };
  const changes = claimChanges(claimsOf(before), claimsOf(stored));
  return { uuid: stored.uuid, written, writes: [put, ...eventPuts(table, stored, events, now)], ...changes };
}

function movePort(table: string, port: Port, to: string): Write[] {
  const stored = { ...port, node_uuid: to, portgroup_uuid: null, version: port.version + 1 };
  return [
    {
      item: {
        Put: {
          TableName: table,
          Item: portItem(stored),
          ConditionExpression: '#version = :version AND node_uuid = :node',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': port.version, ':node': port.node_uuid },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      refused: () => lostRace('port', port.uuid),
    },
    passClaim(table, macClaim(port.address), port.node_uuid, to),
  ];
}

/** No token of before is good any more; a run that waits hears of it by the counter. */
function endSession(table: string, node: string): Write {
  return {
    item: {
      Update: {
        TableName: table,
        Key: { node, part: SESSION },
        UpdateExpression: 'SET g = g + :one, t = :zero REMOVE h, l, c ADD b :one',
        ConditionExpression: 'attribute_exists(part) AND (attribute_not_exists(v) OR v <= :shape)',
        ExpressionAttributeValues: { ':one': 1, ':zero': 0, ':shape': shapeOf('session') },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    refused: (old) => writtenByNewer('session', old) ?? 'leave-out',
  };
}
