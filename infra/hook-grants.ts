import type { HookTarget } from '../shared/hook/hook-port.ts';
import type { FunctionName } from './permissions.ts';

export interface HookGrant {
  actions: readonly string[];
  arns: readonly string[];
}

/** Who carries runs, serves operators or decides who a machine is. An agent's own calls reach what is offered to agents. */
const CALLERS: readonly FunctionName[] = [
  'agent-lookup',
  'agent-inspection',
  'operator',
  'vendor-work',
  'workflow-advance',
  'workflow-expire',
  'sweep',
];

/** The declared ARNs, one by one: functions to call, secrets to sign with. Nobody may call what is not declared. */
export function hookGrants(name: FunctionName, hooks: Readonly<Record<string, HookTarget>>): HookGrant[] {
  const mine = Object.values(hooks).filter((hook) => mayCall(name, hook));
  const functions = mine.flatMap((hook) => ('function' in hook ? [hook.function] : []));
  const secrets = mine.flatMap((hook) => ('secret' in hook ? [hook.secret] : []));
  return [
    { actions: ['lambda:InvokeFunction'], arns: [...new Set(functions)] },
    { actions: ['secretsmanager:GetSecretValue'], arns: [...new Set(secrets)] },
  ];
}

function mayCall(name: FunctionName, { methods = {} }: HookTarget): boolean {
  if (name === 'agent-passthru') return Object.values(methods).some(({ audience }) => audience === 'agent');
  return CALLERS.includes(name);
}

/** What the local runtime reads from its own machine does not exist in Lambda. */
export function hookProblems(hooks: Readonly<Record<string, HookTarget>>): string[] {
  return Object.entries(hooks).flatMap(([name, hook]) =>
    'secret' in hook && !hook.secret.startsWith('arn:')
      ? [`hooks.${name}.secret: on AWS the ARN of a secret in Secrets Manager, not ${hook.secret.split(':')[0]}:`]
      : [],
  );
}
