/** Tables and indexes as data: CDK, the local runtime and the tests read this and nothing else. */
export interface IndexDefinition {
  name: 'by-mac' | 'by-serial';
  partitionKey: string;
  /** Projected beside the keys of table and index. Nothing here may be written by a run or a heartbeat. */
  include: readonly string[];
}
export interface TableDefinition {
  name: 'nodes' | 'agents' | 'secrets';
  partitionKey: string;
  sortKey?: string;
  indexes: readonly IndexDefinition[];
  stream: boolean;
  ttlAttribute?: string;
}

export const TABLES = [
  {
    name: 'nodes',
    partitionKey: 'pk',
    sortKey: 'sk',
    indexes: [
      { name: 'by-mac', partitionKey: 'address', include: ['node_uuid'] },
      { name: 'by-serial', partitionKey: 'serial', include: [] },
    ],
    stream: true,
  },
  { name: 'agents', partitionKey: 'node', sortKey: 'part', indexes: [], stream: false, ttlAttribute: 'expires' },
  { name: 'secrets', partitionKey: 'node', indexes: [], stream: false },
] as const satisfies readonly TableDefinition[];

export type TableName = (typeof TABLES)[number]['name'];
/** Physical names, given by whoever deploys. */
export type TableNames = Record<TableName, string>;
/** An agent's function is not told where the secrets are. */
export type KnownTables = Omit<TableNames, 'secrets'> & Partial<Pick<TableNames, 'secrets'>>;
