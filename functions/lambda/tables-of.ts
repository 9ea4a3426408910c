import type { TableNames } from '../../shared/adapters/dynamodb/tables.ts';

/** Only the operator's function and those that carry runs know the name of the third table; no agent's may read it. */
export function tablesOf(env: { NODES_TABLE: string; AGENTS_TABLE: string; SECRETS_TABLE?: string }): TableNames {
  return { nodes: env.NODES_TABLE, agents: env.AGENTS_TABLE, secrets: env.SECRETS_TABLE ?? '' };
}
