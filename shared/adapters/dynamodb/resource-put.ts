import type { ResourceKind, Stored } from '../../resource/resource-store.ts';
import type { Item } from './items.ts';
import { resourceKey } from './keys.ts';
import { shapeOf } from './shapes.ts';
import type { TransactItem } from './transact.ts';

/** A put of a new resource, or of one over the version that was read. */
export function resourcePut(table: string, kind: ResourceKind, item: Stored, readVersion?: number): TransactItem {
  const over = {
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': readVersion },
  };
  return {
    Put: {
      TableName: table,
      Item: itemOf(kind, item),
      ...(readVersion === undefined ? { ConditionExpression: 'attribute_not_exists(sk)' } : over),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Its fields are one attribute: one that is named like the key of an index must not land in it. */
function itemOf(kind: ResourceKind, { uuid, version, ...fields }: Stored): Item {
  return { ...resourceKey(kind, uuid), version, fields, schema: shapeOf('resource') };
}
