import { onlyIf, plain, readable } from './readable.ts';
import type { Resource } from './template.ts';

/** Resource → who from outside may use it, and how: statements with a principal, wherever they stand, and permissions. */
export function admitted(resources: Record<string, Resource>): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  const admit = (what: string, who: string) => {
    all[what] = [...new Set([...(all[what] ?? []), who])].sort();
  };
  for (const [id, { Type, Properties }] of Object.entries(resources)) {
    if (Type === 'AWS::Lambda::Permission') {
      const { FunctionName, Principal, Action, SourceArn, ...more } = Properties;
      const source = SourceArn === undefined ? 'anywhere' : readable(SourceArn);
      const rest = Object.keys(more).length === 0 ? '' : ` ${plain(more)}`;
      admit(readable(FunctionName), `${readable(Principal)}: ${readable(Action)} from ${source}${rest}`);
    }
    for (const { Effect, Principal, Action, Condition } of statementsIn(Properties)) {
      if (Effect === 'Deny') continue;
      const only = onlyIf(Condition);
      admit(readable({ Ref: id }), `${nameOf(Principal)}: ${readable(Action)}${only}`);
    }
  }
  return all;
}

const nameOf = (principal: unknown): string => readable((principal as { Service?: unknown })?.Service ?? principal);

function statementsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const mine = 'Effect' in value && ('Principal' in value || 'NotPrincipal' in value) ? [value] : [];
  return [...mine, ...Object.values(value).flatMap(statementsIn)] as Record<string, unknown>[];
}
