import { type FunctionName, type Grant, PERMISSIONS, type Subject } from '../../infra/permissions.ts';

export interface Called {
  by: FunctionName;
  on: Subject | `${Subject}/index`;
  action: string;
  /** Of a document. */
  key?: string;
}
export interface Wire {
  headers: Record<string, string>;
  body: Uint8Array | string;
}

const PARTS = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem', ConditionCheck: 'ConditionCheckItem' };

/** A request to DynamoDB as IAM sees it: a transaction is the actions of its parts. */
export function actionsOf({ headers, body }: Wire): Pick<Called, 'on' | 'action'>[] {
  const operation = headers['x-amz-target']?.split('.')[1] ?? '';
  const input = JSON.parse(Buffer.from(body as Uint8Array).toString()) as {
    TableName?: string;
    IndexName?: string;
    RequestItems?: Record<string, unknown>;
    TransactItems?: Record<string, { TableName: string }>[];
  };
  const one = (table: string, action: string, index?: string) => ({
    on: (index === undefined ? table : `${table}/index`) as Called['on'],
    action: `dynamodb:${action}`,
  });
  const parts = (input.TransactItems ?? []).flatMap((item) =>
    Object.entries(item).map(([kind, { TableName }]) => one(TableName, PARTS[kind as keyof typeof PARTS])),
  );
  const several = Object.keys(input.RequestItems ?? {}).map((table) => one(table, operation));
  return input.TableName === undefined ? [...parts, ...several] : [one(input.TableName, operation, input.IndexName)];
}

/** What was done and is not in the list, each once. */
export function notAllowed(called: readonly Called[]): string[] {
  const missing = called.filter(({ by, on, action, key }) => {
    const grants: readonly Grant[] = PERMISSIONS[by];
    return !grants.some((grant) => place(grant) === on && grant.actions.includes(action) && covers(grant, key));
  });
  const told = missing.map(({ by, on, action, key = '' }) => `${by}: ${action} on ${on} ${key.split('/')[0]}`.trim());
  return [...new Set(told)].sort();
}

const place = ({ on, below }: Grant): string => (below?.startsWith('index') ? `${on}/index` : on);

function covers({ below, listed }: Grant, key: string | undefined): boolean {
  const [folder, all, ...rest] = (below ?? listed ?? '').split('*');
  return key === undefined || (all === '' && rest.length === 0 && key.startsWith(`${folder}`));
}
