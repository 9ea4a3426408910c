import type { KnownTables, TableNames } from '../../shared/adapters/dynamodb/tables.ts';

interface Told {
  NODES_TABLE: string;
  AGENTS_TABLE: string;
}

/** Only the operator's function and those that carry runs know the name of the third table; no agent's may read it. */
export function tablesOf(env: Told & { SECRETS_TABLE: string }): TableNames;
export function tablesOf(env: Told): KnownTables;
export function tablesOf(env: Told & { SECRETS_TABLE?: string }): KnownTables {
  const { NODES_TABLE: nodes, AGENTS_TABLE: agents, SECRETS_TABLE: secrets } = env;
  return { nodes, agents, ...(secrets !== undefined && { secrets }) };
}
