import { type DocumentFolder, documentKey } from '../shared/documents.ts';

/**
 * What each function may do: the whole list, by hand. A transaction needs the actions of its parts, and
 * `dynamodb:BatchGetItem` beside `GetItem`. test/infra/ compares what the template grants with test/infra/permissions.json.
 */
export type Subject =
  | 'nodes'
  | 'agents'
  | 'secrets'
  | 'documents'
  | 'token-key'
  | 'operator-password'
  | 'run'
  | 'run-executions'
  | 'reach'
  | 'vendor-work'
  | 'node-stream'
  | 'undelivered-events'
  | 'event-bus';

export interface Grant {
  on: Subject;
  actions: readonly string[];
  /** An index of a table, or a folder of the bucket. */
  below?: string;
  /** Keys of the bucket that may be listed. */
  listed?: string;
}

const db = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);

const everything = (folder: DocumentFolder): string => documentKey(folder, '*');
const writes = (folder: DocumentFolder): Grant => ({
  on: 'documents',
  actions: ['s3:PutObject'],
  below: everything(folder),
});
/** Without the list S3 says 403 for what is missing, as for what is denied: nobody may take the one for the other. */
const reads = (folder: DocumentFolder): readonly Grant[] => [
  { on: 'documents', actions: ['s3:GetObject'], below: everything(folder) },
  { on: 'documents', actions: ['s3:ListBucket'], listed: everything(folder) },
];

const findNodes: readonly Grant[] = [
  { on: 'nodes', actions: db('BatchGetItem', 'GetItem') },
  { on: 'nodes', actions: db('Query'), below: 'index/*' },
];
/**
 * Enrolment: node, ports, claims and events in one transaction; DeleteItem undoes a half of one (> 40 MACs). No Query of
 * the table itself: who enrols cannot list nodes. What such an undo leaves behind, nobody can reach.
 */
const enrol: readonly Grant[] = [
  { on: 'nodes', actions: db('DeleteItem', 'PutItem', 'UpdateItem') },
  { on: 'agents', actions: db('DeleteItem', 'GetItem', 'PutItem', 'UpdateItem') },
];
/** The token of a task says which one; Step Functions knows no narrower resource for it than the state machine. */
const wake: Grant = { on: 'run', actions: ['states:SendTaskSuccess'] };
const lookup: readonly Grant[] = [
  ...findNodes,
  ...enrol,
  { on: 'token-key', actions: ['secretsmanager:GetSecretValue'] },
  wake,
];
const carryRuns: readonly Grant[] = [
  { on: 'nodes', actions: db('BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'UpdateItem') },
  { on: 'agents', actions: db('GetItem', 'Query', 'UpdateItem') },
  { on: 'secrets', actions: db('GetItem') },
  ...reads('configdrives'),
  writes('logs'),
  writes('inventory'),
  { on: 'token-key', actions: ['secretsmanager:GetSecretValue'] },
  { on: 'run', actions: ['states:SendTaskSuccess', 'states:StartExecution'] },
  { on: 'reach', actions: ['lambda:InvokeFunction'] },
];

export const PERMISSIONS = {
  'agent-root': [],
  'agent-lookup': lookup,
  'agent-heartbeat': [{ on: 'agents', actions: db('PutItem', 'UpdateItem') }, wake],
  'agent-inspection': [...lookup, writes('submissions'), writes('inventory'), writes('logs')],
  'agent-passthru': [
    { on: 'nodes', actions: db('GetItem', 'PutItem', 'UpdateItem') },
    { on: 'agents', actions: db('GetItem', 'PutItem', 'UpdateItem') },
    ...reads('vendor-calls'),
    writes('vendor-calls'),
    { on: 'vendor-work', actions: ['lambda:InvokeFunction'] },
    wake,
  ],
  operator: [
    ...findNodes,
    ...enrol,
    { on: 'nodes', actions: db('BatchWriteItem', 'Query') },
    { on: 'agents', actions: db('BatchWriteItem', 'Query') },
    { on: 'secrets', actions: db('DeleteItem', 'GetItem', 'PutItem') },
    writes('configdrives'),
    ...reads('inventory'),
    writes('inventory'),
    ...reads('vendor-calls'),
    writes('vendor-calls'),
    { on: 'operator-password', actions: ['secretsmanager:GetSecretValue'] },
    { on: 'run', actions: ['states:SendTaskSuccess', 'states:StartExecution'] },
    { on: 'reach', actions: ['lambda:InvokeFunction'] },
    { on: 'vendor-work', actions: ['lambda:InvokeFunction'] },
  ],
  // What an async vendor method may touch: one node, its BMC, its result.
  'vendor-work': [
    { on: 'nodes', actions: db('DeleteItem', 'GetItem', 'PutItem', 'UpdateItem') },
    { on: 'secrets', actions: db('GetItem') },
    ...reads('vendor-calls'),
    writes('vendor-calls'),
    { on: 'reach', actions: ['lambda:InvokeFunction'] },
  ],
  'workflow-advance': carryRuns,
  'workflow-expire': carryRuns,
  sweep: [
    ...carryRuns,
    { on: 'nodes', actions: db('Query') },
    { on: 'agents', actions: db('Scan') },
    { on: 'run-executions', actions: ['states:DescribeExecution'] },
  ],
  reach: [],
  'stream-publish': [
    { on: 'node-stream', actions: db('DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams') },
    { on: 'event-bus', actions: ['events:PutEvents'] },
    { on: 'undelivered-events', actions: ['sqs:SendMessage'] },
  ],
} as const satisfies Record<string, readonly Grant[]>;

export type FunctionName = keyof typeof PERMISSIONS;
export const FUNCTION_NAMES = Object.keys(PERMISSIONS) as FunctionName[];
