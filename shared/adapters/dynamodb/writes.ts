import { VersionConflict } from '../../errors.ts';
import type { Node, Port } from '../../node/node.ts';
import { macClaim, portNameClaim, releaseClaim, takeClaim } from './claims.ts';
import { type heldAttributes, nodeItem, portItem } from './items.ts';
import { type Kind, resourceKey } from './keys.ts';
import { shapeOf, writtenByNewer } from './shapes.ts';
import type { Write } from './transact.ts';

const RETURN_OLD = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
type Held = ReturnType<typeof heldAttributes>;

export const lostRace = (kind: Kind, uuid: string): VersionConflict =>
  new VersionConflict(`The ${kind} ${uuid} was changed or deleted by somebody else`);

/** A put of a node over the version that was read, as long as the stored row still holds these claims. */
export function nodePut(table: string, node: Node, readVersion: number, held: Held, written: string) {
  const names: Record<string, string> = { '#version': 'version' };
  const values: Record<string, unknown> = { ':version': readVersion };
  const conditions = ['attribute_exists(sk)', '#version = :version'];
  for (const [attribute, value] of Object.entries(held)) {
    names[`#${attribute}`] = attribute;
    if (value === undefined) {
      conditions.push(`attribute_not_exists(#${attribute})`);
    } else {
      values[`:${attribute}`] = value;
      conditions.push(`#${attribute} = :${attribute}`);
    }
  }
  return {
    TableName: table,
    Item: nodeItem(node, written),
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ...RETURN_OLD,
  };
}

/** Adds or removes one MAC of the row, and raises its version so that no full write undoes it. */
export function macChange(
  table: string,
  node: string,
  change: { add: string } | { drop: string } | { all: string[] },
  version?: number,
): Write {
  const [clause, macs] =
    'add' in change
      ? (['ADD macs :macs', [change.add]] as const)
      : 'drop' in change
        ? (['DELETE macs :macs', [change.drop]] as const)
        : (['SET macs = :macs', change.all] as const);
  const one = 'SET' as const;
  const raise = '#version = #version + :one';
  return {
    item: {
      Update: {
        TableName: table,
        Key: resourceKey('node', node),
        UpdateExpression: clause.startsWith(one) ? `${clause}, ${raise}` : `SET ${raise} ${clause}`,
        ConditionExpression:
          'attribute_exists(sk) AND (attribute_not_exists(#schema) OR #schema <= :schema)' +
          (version === undefined ? '' : ' AND #version = :version'),
        ExpressionAttributeNames: { '#version': 'version', '#schema': 'schema' },
        ExpressionAttributeValues: {
          ':one': 1,
          ':schema': shapeOf('node'),
          ':macs': new Set(macs),
          ...(version !== undefined && { ':version': version }),
        },
        ...RETURN_OLD,
      },
    },
    refused: (old) => writtenByNewer('node', old) ?? lostRace('node', node),
  };
}

/** A new port and the claims of its MAC and its name. */
export function addPort(table: string, port: Port): Write[] {
  return [
    {
      item: {
        Put: { TableName: table, Item: portItem(port), ConditionExpression: 'attribute_not_exists(sk)', ...RETURN_OLD },
      },
      refused: () => lostRace('port', port.uuid),
    },
    takeClaim(table, macClaim(port.address), port.node_uuid, { port: port.uuid }),
    ...nameChange(table, { ...port, name: null }, port),
  ];
}

type Named = Pick<Port, 'uuid' | 'name'>;

/** The claim of a port's name follows a change of it. */
export function nameChange(table: string, before: Named, after: Named): Write[] {
  if (before.name === after.name) return [];
  return [
    ...(before.name === null ? [] : [releaseClaim(table, portNameClaim(before.name), before.uuid)]),
    ...(after.name === null ? [] : [takeClaim(table, portNameClaim(after.name), after.uuid)]),
  ];
}

/** That the stored port holds the claim of this name, or of none. */
export function holdsName({ name }: Pick<Port, 'name'>) {
  return name === null
    ? { condition: 'attribute_not_exists(#name)', values: {} }
    : { condition: '#name = :name', values: { ':name': name } };
}

/** A port and its claims go. Without a version it goes whatever else was edited, as long as it is of this node. */
export function dropPort(
  table: string,
  port: Pick<Port, 'uuid' | 'address' | 'node_uuid' | 'name'>,
  version?: number,
): Write[] {
  const { condition, values } = holdsName(port);
  return [
    {
      item: {
        Delete: {
          TableName: table,
          Key: resourceKey('port', port.uuid),
          ConditionExpression:
            version === undefined
              ? `attribute_not_exists(sk) OR (node_uuid = :node AND ${condition})`
              : `#version = :version AND address = :address AND node_uuid = :node AND ${condition}`,
          ExpressionAttributeValues: {
            ':node': port.node_uuid,
            ...values,
            ...(version !== undefined && { ':version': version, ':address': port.address }),
          },
          ExpressionAttributeNames: { '#name': 'name', ...(version !== undefined && { '#version': 'version' }) },
          ...RETURN_OLD,
        },
      },
      refused: () => lostRace('port', port.uuid),
    },
    releaseClaim(table, macClaim(port.address), port.node_uuid),
    ...nameChange(table, port, { ...port, name: null }),
  ];
}
