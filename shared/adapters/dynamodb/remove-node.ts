import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { claimsOf } from '../../node/claims.ts';
import type { Node } from '../../node/node.ts';
import { macClaim, releaseClaim } from './claims.ts';
import { getMany, getResource, manyResources, queryAll, sweepAway } from './document.ts';
import { nodeOf, portOf } from './items.ts';
import { BOOT, claimKey, eventsPartition, resourceKey, SESSION } from './keys.ts';
import type { KnownTables } from './tables.ts';
import { transact, type Write } from './transact.ts';
import { dropPort, lostRace, macChange } from './writes.ts';

/** Each is up to three writes: itself, its MAC, its name. */
const PORTS_AT_ONCE = 28;

/**
 * Node, ports, claims, session and secrets go together; before it the ports that do not fit, after it what nobody can reach.
 * Who is not told of the secrets undoes an enrolment: a stranger has none.
 */
export async function removeNode(db: DynamoDBDocumentClient, names: KnownTables, node: Node): Promise<void> {
  const table = names.nodes;
  const item = await getResource(db, table, 'node', node.uuid);
  const current = item && nodeOf(item);
  if (!current || current.version !== node.version) throw lostRace('node', node.uuid);
  const ports = await portsOf(db, table, current);
  let version = current.version;
  for (const port of ports.slice(PORTS_AT_ONCE)) {
    const drop = macChange(table, node.uuid, { drop: port.address }, version);
    const gone = async () => (await getResource(db, table, 'port', port.uuid)) === undefined;
    await transact(db, [drop, ...dropPort(table, port)], gone);
    version += 1;
  }
  const writes: Write[] = [
    {
      item: {
        Delete: {
          TableName: table,
          Key: resourceKey('node', node.uuid),
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': version },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      refused: () => lostRace('node', node.uuid),
    },
    {
      item: { Delete: { TableName: names.agents, Key: { node: node.uuid, part: SESSION } } },
      refused: () => 'leave-out',
    },
    ...secretsOf(names.secrets, node.uuid),
    ...claimsOf(current).map((claim) => releaseClaim(table, claim, node.uuid)),
    ...ports.slice(0, PORTS_AT_ONCE).flatMap((port) => dropPort(table, port)),
  ];
  await transact(db, writes, async () => (await getResource(db, table, 'node', node.uuid)) === undefined);
  await leftovers(db, names, node.uuid).catch(() => undefined);
}

const secretsOf = (table: string | undefined, uuid: string): Write[] =>
  table === undefined
    ? []
    : [{ item: { Delete: { TableName: table, Key: { node: uuid } } }, refused: () => 'leave-out' }];

/** Through the claims, which are strongly consistent and know their port. */
async function portsOf(db: DynamoDBDocumentClient, table: string, node: Node) {
  const claims = await getMany(
    db,
    table,
    node.macs.map((mac) => claimKey(macClaim(mac))),
  );
  const mine = claims.filter((claim) => claim.owner === node.uuid);
  const rows = await manyResources(
    db,
    table,
    'port',
    mine.map((claim) => String(claim.port)),
  );
  const names = new Map(rows.map(portOf).map(({ uuid, name }) => [uuid, name]));
  return mine.map((claim) => ({
    uuid: String(claim.port),
    address: String(claim.pk).slice('claim#mac#'.length),
    node_uuid: node.uuid,
    name: names.get(String(claim.port)) ?? null,
  }));
}

async function leftovers(db: DynamoDBDocumentClient, names: KnownTables, uuid: string): Promise<void> {
  const events = await queryAll(db, {
    TableName: names.nodes,
    KeyConditionExpression: 'pk = :pk',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: { ':pk': eventsPartition(uuid) },
  });
  await sweepAway(db, names.nodes, events);
  const boots = await db.send(
    new QueryCommand({
      TableName: names.agents,
      KeyConditionExpression: '#node = :node AND begins_with(part, :boot)',
      ProjectionExpression: '#node, part',
      ExpressionAttributeNames: { '#node': 'node' },
      ExpressionAttributeValues: { ':node': uuid, ':boot': BOOT },
    }),
  );
  await sweepAway(db, names.agents, boots.Items ?? []);
}
