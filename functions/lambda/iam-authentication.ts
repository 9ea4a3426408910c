import { Forbidden, NotAuthenticated } from '../../shared/errors.ts';
import type { ServeOptions } from '../api.ts';
import type { Role } from '../http.ts';

/** ARNs of IAM roles and users that have a role of the route table. */
export type OperatorRoles = Partial<Record<Role, readonly string[]>>;

const RANKED = ['admin', 'member', 'reader'] as const satisfies readonly Role[];

/**
 * Operators whom the gateway has authenticated by their signature (AWS_IAM). Without a table everybody whom IAM let in is
 * an administrator; with one, only who stands in it may do anything.
 */
export function iamAuthentication(roles: OperatorRoles | undefined): NonNullable<ServeOptions['authenticate']> {
  const known = RANKED.map((role) => ({ role, principals: new Set((roles?.[role] ?? []).map(principalOf)) }));
  return async ({ principal }) => {
    // The gateway refuses unsigned requests: without a principal it does not authenticate, and nobody may pass.
    if (principal === undefined) throw new NotAuthenticated('The request is not signed');
    if (roles === undefined) return { user: principal, role: 'admin' };
    const found = known.find(({ principals }) => principals.has(principalOf(principal)));
    if (found === undefined) throw new Forbidden(`${principal} has no role here: see the option operatorRoles`);
    return { user: principal, role: found.role };
  };
}

/** A session of a role counts as the role. Its ARN does not tell the role's path, so that paths do not count. */
function principalOf(arn: string): string {
  const [, partition, service, , account = '', resource = ''] = arn.split(':');
  const [kind, ...names] = resource.split('/');
  if (service === 'sts' && kind === 'assumed-role') return `${partition} ${account} role ${names[0]}`;
  if (service === 'iam' && kind === 'role') return `${partition} ${account} role ${names.at(-1)}`;
  return arn;
}
