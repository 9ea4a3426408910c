import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import type { TableDefinition } from '../../shared/adapters/dynamodb/tables.ts';
import type { Options } from '../options.ts';

const string = (name: string) => ({ name, type: AttributeType.STRING });

/** A table as shared/adapters/dynamodb/tables.ts says it; the local engine is made from the same data. */
export function nodelessTable(scope: Construct, definition: TableDefinition, options: Options): Table {
  const { disposable } = options;
  const table = new Table(scope, `${definition.name[0]?.toUpperCase()}${definition.name.slice(1)}Table`, {
    partitionKey: string(definition.partitionKey),
    ...(definition.sortKey !== undefined && { sortKey: string(definition.sortKey) }),
    ...(definition.ttlAttribute !== undefined && { timeToLiveAttribute: definition.ttlAttribute }),
    ...(definition.stream && { stream: StreamViewType.NEW_AND_OLD_IMAGES }),
    billingMode: BillingMode.PAY_PER_REQUEST,
    maxReadRequestUnits: options.maxReadUnits,
    maxWriteRequestUnits: options.maxWriteUnits,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: !disposable },
    deletionProtection: !disposable,
    removalPolicy: disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });
  for (const index of definition.indexes) {
    table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: string(index.partitionKey),
      ...(index.include.length > 0
        ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.include] }
        : { projectionType: ProjectionType.KEYS_ONLY }),
    });
  }
  return table;
}
