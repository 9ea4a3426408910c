import { tablesOf } from '../../functions/lambda/tables-of.ts';
import { environmentsOf } from '../../infra/function-settings.ts';
import { readOptions } from '../../infra/options.ts';
import type { FunctionName } from '../../infra/permissions.ts';
import type { DataStack } from '../../infra/stacks/data-stack.ts';
import type { TableNames } from '../../shared/adapters/dynamodb/tables.ts';

export const NAMES: TableNames = { nodes: 'nodes', agents: 'agents', secrets: 'secrets' };

const table = (tableName: string) => ({ tableName });
const data = {
  tables: { nodes: table(NAMES.nodes), agents: table(NAMES.agents), secrets: table(NAMES.secrets) },
  documents: { bucketName: 'documents' },
  tokenKey: { secretArn: 'token-key' },
  operatorPassword: { secretArn: 'operator-password' },
} as unknown as DataStack;
const ENVIRONMENTS = environmentsOf({
  data,
  machineArn: 'run',
  reach: 'reach',
  vendorWork: 'vendor-work',
  eventBus: 'event-bus',
  configuration: '{}',
  options: readOptions({}),
});

/** The names of tables that a function is told, as its entry reads them. */
export function toldTables(by: FunctionName) {
  const { NODES_TABLE = 'untold', AGENTS_TABLE = 'untold', ...more } = ENVIRONMENTS[by];
  return tablesOf({ ...more, NODES_TABLE, AGENTS_TABLE });
}
