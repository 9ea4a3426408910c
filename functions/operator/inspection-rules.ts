import { timestamp } from '../../shared/clock.ts';
import { guardSensitive, INSPECTION_RULE } from '../../shared/inspection-rules/inspection-rule.ts';
import { publishRules } from '../../shared/inspection-rules/rule-set.ts';
import { parseQuery } from '../../shared/resource/query.ts';
import { type Item, uniquesOf } from '../../shared/resource/resource.ts';
import type { ApiRequest } from '../http.ts';
import type { Handler } from '../services.ts';
import { needs } from './below.ts';
import { type Needs, resourceHandlers } from './resource-handlers.ts';

export function inspectionRuleHandlers(services: Needs): Record<string, Handler> {
  const { resources, clock } = services;
  const publishing =
    (handler: Handler): Handler =>
    async (request) => {
      const answer = await handler(request);
      await publishRules(resources, timestamp(clock.now()));
      return answer;
    };
  const handlers = {
    ...resourceHandlers(services, INSPECTION_RULE, {
      patch: (after, before) => {
        guardSensitive(before, after);
        return after;
      },
      filter: async (values) => {
        const phase = values.string('phase');
        return (rule) => phase === undefined || rule.phase === phase;
      },
    }),
    '#remove-all': async (request: ApiRequest) => {
      needs(request, ...INSPECTION_RULE.gates.write);
      parseQuery(request.query, {}, request.minor);
      for (const rule of await resources.list<Item>(INSPECTION_RULE.kind)) {
        await resources.remove(INSPECTION_RULE.kind, rule, uniquesOf(INSPECTION_RULE, rule));
      }
      return { status: 204 };
    },
  } satisfies Record<string, Handler>;
  const writes = Object.entries(handlers).filter(([name]) => !READS.includes(name));
  return { ...handlers, ...Object.fromEntries(writes.map(([name, handler]) => [name, publishing(handler)])) };
}

const READS = ['#list', '#show'];
