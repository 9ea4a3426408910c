import { ofType, type Resource } from './template.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
}

const KNOWN =
  /NodesTable[0-9A-F]*StreamArn|UndeliveredEvents(?=[0-9A-F])|:event-bus\/default|NodesTable|AgentsTable|SecretsTable|Documents|TokenKey|OperatorPassword|:stateMachine:|:execution:|[A-Z][A-Za-z]*Log(?=[0-9A-F])|Reach(?=[0-9A-F])|:function:[A-Za-z]+-vendor-work|Workflow(?:Advance|Expire)(?=[0-9A-F])/;
const BELOW = /\/index\/\*|\/\*/;

/** Role → what it may do on what, out of a template, readable. */
export function granted(resources: Record<string, Resource>): Record<string, Record<string, string[]>> {
  const all: Record<string, Record<string, string[]>> = {};
  for (const [, { Properties }] of ofType(resources, 'AWS::IAM::Policy')) {
    const [role = ''] = (Properties['Roles'] as { Ref: string }[]).map(({ Ref }) =>
      Ref.replace(/Role[0-9A-F]{8}$/, ''),
    );
    const { Statement: statements } = Properties['PolicyDocument'] as { Statement: Statement[] };
    const mine: Record<string, string[]> = all[role] ?? {};
    all[role] = mine;
    for (const { Action, Resource } of statements) {
      for (const one of [Resource].flat()) {
        const subject = subjectOf(one);
        mine[subject] = [...new Set([...(mine[subject] ?? []), ...[Action].flat()])].sort();
      }
    }
  }
  return all;
}

function subjectOf(resource: unknown): string {
  const text = JSON.stringify(resource);
  if (text === '"*"') return '*';
  return `${
    KNOWN.exec(text)?.[0]
      .replaceAll(':', '')
      .replace(/(?<=^NodesTable)[0-9A-F]+/, '') ?? text
  }${BELOW.exec(text)?.[0] ?? ''}`;
}
