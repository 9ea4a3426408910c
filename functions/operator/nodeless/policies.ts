import { timestamp } from '../../../shared/clock.ts';
import { IMPLIED } from '../../../shared/enrollment/decide-enrolment.ts';
import { policiesInForce, publishPolicies } from '../../../shared/enrollment/policy-set.ts';
import { checkHook, POLICY, policyOf } from '../../../shared/enrollment/stored-policy.ts';
import { enrolledBy } from '../../../shared/enrollment/take-place.ts';
import { parseQuery } from '../../../shared/resource/query.ts';
import type { Item } from '../../../shared/resource/resource.ts';
import type { Handler, Services } from '../../services.ts';
import { type Needs, resourceHandlers } from '../resource-handlers.ts';

const READS = ['#list', '#show'];

/** What agent functions read is written after every change. */
export function policyHandlers(
  services: Needs & Pick<Services, 'configuration' | 'counters'>,
): Record<string, Handler> {
  const { resources, clock, configuration, counters } = services;
  const publishing =
    (handler: Handler): Handler =>
    async (request) => {
      const answer = await handler(request);
      await publishPolicies(resources, timestamp(clock.now()));
      return answer;
    };
  const whole = (item: Item): Item => {
    checkHook(policyOf(item), configuration.hooks);
    return item;
  };
  const handlers = resourceHandlers(services, POLICY, {
    create: whole,
    patch: whole,
    // Another policy of that name counts its own nodes.
    remove: async ({ name }) => counters.set(enrolledBy(String(name)), 0),
  });
  const writes = Object.entries(handlers).filter(([name]) => !READS.includes(name));
  return {
    ...handlers,
    ...Object.fromEntries(writes.map(([name, handler]) => [name, publishing(handler)])),
    '#effective': async (request) => {
      parseQuery(request.query, {}, request.minor);
      const { policies: configured = [], unknown } = configuration.enrollment;
      const all = await policiesInForce(resources, configured);
      const last = { name: IMPLIED, conditions: {}, outcome: unknown, node: {}, limits: {} };
      return { status: 200, body: { policies: [...all, last] } };
    },
  };
}
