import { configurationVariables } from './constructs/carried-configuration.ts';
import type { Options } from './options.ts';
import type { FunctionName } from './permissions.ts';
import type { DataStack } from './stacks/data-stack.ts';
import run from './workflows/run.asl.json' with { type: 'json' };

/** The gateway waits 29 s; what a workflow calls may last as long as an exchange (60 s) and more. */
export const SIZES: Record<FunctionName, { timeoutSeconds: number; memoryMb: number }> = {
  'agent-root': { timeoutSeconds: 10, memoryMb: 256 },
  'agent-lookup': { timeoutSeconds: 28, memoryMb: 512 },
  'agent-heartbeat': { timeoutSeconds: 28, memoryMb: 256 },
  'agent-inspection': { timeoutSeconds: 28, memoryMb: 512 },
  'agent-passthru': { timeoutSeconds: 28, memoryMb: 512 },
  operator: { timeoutSeconds: 28, memoryMb: 512 },
  'vendor-work': { timeoutSeconds: 270, memoryMb: 256 },
  'workflow-advance': { timeoutSeconds: 300, memoryMb: 512 },
  // As long as its state waits: else a second one would start beside the first.
  'workflow-expire': { timeoutSeconds: run.States.Expire.TimeoutSeconds, memoryMb: 512 },
  sweep: { timeoutSeconds: 300, memoryMb: 512 },
  reach: { timeoutSeconds: 75, memoryMb: 256 },
  'stream-publish': { timeoutSeconds: 60, memoryMb: 256 },
};

/** What each function is told: no more than functions/env.ts reads for it. */
export function environmentsOf(given: {
  data: DataStack;
  machineArn: string;
  reach: string;
  vendorWork: string;
  eventBus: string;
  /** As JSON. */
  configuration: string;
  options: Options;
}): Record<FunctionName, Record<string, string>> {
  const { data, machineArn, reach, options } = given;
  const url = (value: string | undefined) => (value === undefined ? {} : { NODELESS_PUBLIC_URL: value });
  const agent = url(options.agentUrl);
  const configuration = configurationVariables(given.configuration);
  const beats = { AGENTS_TABLE: data.tables.agents.tableName, STATE_MACHINE_ARN: machineArn };
  const rows = { ...beats, NODES_TABLE: data.tables.nodes.tableName };
  const documents = { DOCUMENTS_BUCKET: data.documents.bucketName };
  const tokens = { TOKEN_KEY_SECRET: data.tokenKey.secretArn };
  const lookup = { ...rows, ...documents, ...tokens, ...configuration, ...agent };
  const work = { VENDOR_WORK_FUNCTION: given.vendorWork };
  const secrets = { SECRETS_TABLE: data.tables.secrets.tableName };
  const runs = { ...rows, ...documents, ...secrets, ...tokens, ...configuration, REACH_FUNCTION: reach };
  return {
    'agent-root': agent,
    'agent-lookup': lookup,
    'agent-heartbeat': { ...beats, ...configuration, ...agent },
    'agent-inspection': lookup,
    'agent-passthru': { ...rows, ...documents, ...configuration, ...agent, ...work },
    operator: {
      ...rows,
      ...documents,
      ...configuration,
      ...url(options.operatorUrl),
      ...secrets,
      OPERATOR_SECRET: data.operatorPassword.secretArn,
      OPERATOR_AUTH: options.operatorAuth,
      ...(options.operatorRoles && { OPERATOR_ROLES: JSON.stringify(options.operatorRoles) }),
      REACH_FUNCTION: reach,
      ...work,
    },
    'vendor-work': {
      NODES_TABLE: rows.NODES_TABLE,
      AGENTS_TABLE: rows.AGENTS_TABLE,
      ...documents,
      ...secrets,
      ...configuration,
      REACH_FUNCTION: reach,
    },
    'workflow-advance': runs,
    'workflow-expire': runs,
    sweep: runs,
    reach: {},
    'stream-publish': { EVENT_BUS: given.eventBus },
  };
}
