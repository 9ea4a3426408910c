import { onlyIf, plain, readable } from './readable.ts';
import type { Resource } from './template.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: unknown;
}
interface Given {
  roles: unknown[];
  documents: { Statement: Statement[] }[];
}

const attached = (_: string, { Roles = [], PolicyDocument }: Record<string, unknown>): Given => ({
  roles: Roles as unknown[],
  documents: [PolicyDocument as Given['documents'][number]],
});

/** Every kind of resource that gives a role rights. synth.test.ts holds that the templates have no other kinds at all. */
const GIVERS: Record<string, (id: string, properties: Record<string, unknown>) => Given> = {
  'AWS::IAM::Policy': attached,
  'AWS::IAM::ManagedPolicy': attached,
  'AWS::IAM::RolePolicy': (id, { RoleName, ...rest }) => attached(id, { Roles: [RoleName], ...rest }),
  'AWS::IAM::Role': (id, { Policies = [] }) => ({
    roles: [{ Ref: id }],
    documents: (Policies as { PolicyDocument: Given['documents'][number] }[]).map((one) => one.PolicyDocument),
  }),
};

const KNOWN =
  /NodesTable[0-9A-F]*StreamArn|UndeliveredEvents(?=[0-9A-F])|:event-bus\/default|NodesTable|AgentsTable|SecretsTable|Documents|TokenKey|OperatorPassword|:stateMachine:|:execution:|[A-Z][A-Za-z]*Log(?=[0-9A-F])|Reach(?=[0-9A-F])|:function:[A-Za-z]+-vendor-work|Workflow(?:Advance|Expire)(?=[0-9A-F])/;
const BELOW = /(?<=")\/[^"]*\*(?=")/;

/** Role → what it may do on what, out of a template, readable. */
export function granted(resources: Record<string, Resource>): Record<string, Record<string, string[]>> {
  const all: Record<string, Record<string, string[]>> = {};
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    const { roles, documents } = GIVERS[Type]?.(id, Properties) ?? { roles: [], documents: [] };
    for (const role of roles) {
      for (const statement of documents.flatMap(({ Statement }) => Statement)) {
        const name = readable(role).replace(/Role$/, '');
        all[name] = add(all[name] ?? {}, statement);
      }
    }
  }
  return all;
}

function add(mine: Record<string, string[]>, { Effect, Action, Resource, Condition }: Statement) {
  const only = onlyIf(Condition);
  // Only what allows by naming both is understood; whatever else a statement may be is shown, and so found.
  const known = Effect === 'Allow' && Action !== undefined && Resource !== undefined;
  const actions = known ? [Action].flat().map((action) => `${action}${only}`) : [plain({ Effect, Action, Resource })];
  for (const one of [Resource].flat()) {
    const subject = subjectOf(one);
    mine[subject] = [...new Set([...(mine[subject] ?? []), ...actions])].sort();
  }
  return mine;
}

function subjectOf(resource: unknown): string {
  const text = plain(resource);
  if (text === '"*"') return '*';
  return `${
    KNOWN.exec(text)?.[0]
      .replaceAll(':', '')
      .replace(/(?<=^NodesTable)[0-9A-F]+/, '') ?? text
  }${BELOW.exec(text)?.[0] ?? ''}`;
}
