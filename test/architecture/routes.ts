import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Route } from '../../functions/http.ts';
import type { Services } from '../../functions/services.ts';
import { ROOT } from './sources.ts';

type Handlers = (services: Services) => Record<string, unknown>;
const ROLES = { agent: ['public', 'agent'], operator: ['public', 'reader', 'member', 'admin'] };

/** What is wrong with the table of routes; undefined while there is none. */
export async function routeProblems(tracked: readonly string[]): Promise<string[] | undefined> {
  if (!tracked.includes('functions/routes.ts')) return undefined;
  const routes = routesOf(await load('functions/routes.ts'));
  const problems = routes.flatMap(({ api, method, path, role, summary }) => [
    ...(ROLES[api].includes(role) ? [] : [`${api} ${method} ${path}: role ${role}`]),
    ...(summary === '' ? [`${api} ${method} ${path}: no summary`] : []),
  ]);
  for (const api of ['agent', 'operator'] as const) {
    const file = `functions/${api}/handlers.ts`;
    if (!tracked.includes(file)) continue;
    const handlers = Object.keys(handlersOf(await load(file), `${api}Handlers`)(servicesForNobody()));
    const wanted = routes.filter((route) => route.api === api).map((route) => route.handler);
    problems.push(
      ...wanted.filter((name) => !handlers.includes(name)).map((name) => `${api}: no handler ${name}`),
      ...handlers.filter((name) => !wanted.includes(name)).map((name) => `${api}: no route to ${name}`),
    );
  }
  return problems;
}

async function load(path: string): Promise<Record<string, unknown>> {
  return import(pathToFileURL(resolve(ROOT, path)).href);
}

function routesOf(module: Record<string, unknown>): Route[] {
  const arrays = Object.values(module).filter(Array.isArray) as Route[][];
  return [...new Set(arrays.flat())];
}

function handlersOf(module: Record<string, unknown>, name: string): Handlers {
  const build = module[name];
  if (typeof build !== 'function') throw new Error(`${name} is not a function`);
  return build as Handlers;
}

/** Builders may look at the services and keep them; none may call one. */
function servicesForNobody(): Services {
  const nothing: unknown = new Proxy(() => undefined, {
    get: (_, name) => (name === Symbol.toPrimitive ? () => 0 : nothing),
    apply: () => {
      throw new Error('a builder of handlers called a service');
    },
  });
  return nothing as Services;
}
