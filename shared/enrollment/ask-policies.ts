import type { Clock } from '../clock.ts';
import type { Configuration } from '../configuration.ts';
import { askEnrolHook } from '../hook/enroll-hook.ts';
import type { Hooks } from '../hook/hook-port.ts';
import type { Decision } from '../identity/decide.ts';
import type { Evidence } from '../identity/evidence.ts';
import { checkToken, findToken, type TokenCheck } from '../join-token/check-token.ts';
import type { IdentityIndex } from '../node/node-store.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { decideEnrolment, type Verdict } from './decide-enrolment.ts';
import { policiesInForce } from './policy-set.ts';

export interface PolicyDependencies {
  resources: Pick<ResourceStore, 'get' | 'holders'>;
  clock: Clock;
  ids: { uuid(): string };
  configuration: Pick<Configuration, 'enrollment'>;
  hooks: Hooks;
}

/** Who has to look at the claims is likely to be a stranger: the policies are read in the same round trip. */
export function withPoliciesAhead(
  identity: IdentityIndex,
  { resources, clock }: Pick<PolicyDependencies, 'resources' | 'clock'>,
): IdentityIndex {
  return {
    candidates: (keys) => identity.candidates(keys),
    claims(keys) {
      // Its failure is told to whoever asks for it.
      policiesInForce(resources, [], clock.now()).catch(() => undefined);
      return identity.claims(keys);
    },
  };
}

/** What the policies, the machine's join token and, where a policy leaves it to one, a hook say of it. */
export async function verdictOn(
  evidence: Evidence,
  decision: Exclude<Decision, { verdict: 'match' }>,
  { address, joinToken }: { address?: string; joinToken?: string },
  full: ReadonlySet<string>,
  given: PolicyDependencies,
): Promise<{ verdict: Verdict; token: TokenCheck }> {
  const { enrollment } = given.configuration;
  const [policies, row] = await Promise.all([
    policiesInForce(given.resources, enrollment.policies, given.clock.now()),
    joinToken === undefined ? undefined : findToken(joinToken, given.resources),
  ]);
  const token: TokenCheck =
    joinToken === undefined ? { verdict: 'none' } : checkToken(row, evidence, given.clock.now());
  const caller = { address, token: token.verdict === 'good' ? token.name : undefined };
  const verdict = decideEnrolment({ evidence, decision, caller, token, policies, settings: enrollment, full });
  if (verdict.outcome !== 'hook') return { verdict, token };
  return { verdict: await askEnrolHook({ evidence, decision, verdict }, given), token };
}

/** Is there a hook on the way of strangers? */
export async function mayAskHooks({
  resources,
  configuration,
  clock,
}: Pick<PolicyDependencies, 'resources' | 'clock'> & {
  configuration: Pick<Configuration, 'enrollment' | 'matching'>;
}): Promise<boolean> {
  if (configuration.matching.hook !== undefined) return true;
  const policies = await policiesInForce(resources, configuration.enrollment.policies, clock.now());
  return policies.some(({ outcome }) => outcome === 'hook');
}
