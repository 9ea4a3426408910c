import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, normalised, type Server } from './normalise.ts';
import { type Ask, isWait, lineOf, NEWEST, type Scenario, type Wait } from './request.ts';

export interface Asked {
  line: string;
  answer: Answer;
}

const PATIENCE_MS = 12_000;
const PAUSE_MS = 50;
/** SQLite under the reference says `database is locked` as a 500: then it is asked again. */
const TRIES = 4;

export async function serverAt(url: string): Promise<Server> {
  const response = await ask(url, { method: 'GET', path: '/v1/conductors', version: NEWEST });
  const { conductors } = (await response.json()) as { conductors: { hostname: string }[] };
  const root = await ask(url, { method: 'GET', path: '/', version: null });
  const { name } = (await root.json()) as { name: string };
  return { url, conductor: conductors[0]?.hostname ?? 'no conductor', name };
}

/** The answers of a server to a scenario, normalised. Leaves nothing behind. */
export async function play(server: Server, { name, steps }: Scenario): Promise<Asked[]> {
  const asked: Asked[] = [];
  await clear(server.url);
  for (const step of steps) {
    if (isWait(step)) await reach(server.url, step);
    else asked.push({ line: lineOf(name, step), answer: await normalised(await ask(server.url, step), server) });
  }
  await clear(server.url);
  return asked;
}

export async function ask(url: string, { method, path, version, body, headers = {} }: Ask): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(version === null ? {} : { 'X-OpenStack-Ironic-API-Version': version }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const busy = response.status === 500 && (await response.clone().text()).includes('database is locked');
    if (!busy || attempt === TRIES) return response;
    await sleep(PAUSE_MS * 10);
  }
}

async function reach(url: string, { until, field, is }: Wait): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const response = await ask(url, { method: 'GET', path: until, version: NEWEST });
    const seen = (await response.json()) as Record<string, unknown>;
    if (is.includes(seen[field]) && (seen['reservation'] ?? null) === null) return;
    if (Date.now() > deadline) {
      throw new Error(`${url}${until}: ${field} is ${seen[field]}, not ${is.join(' or ')}: ${seen['last_error']}`);
    }
    await sleep(PAUSE_MS);
  }
}

const COLLECTIONS = [
  ['volume/connectors', 'connectors'],
  ['volume/targets', 'targets'],
  ['ports', 'ports'],
  ['portgroups', 'portgroups'],
  ['nodes', 'nodes'],
  ['allocations', 'allocations'],
  ['chassis', 'chassis'],
  ['deploy_templates', 'deploy_templates'],
  ['runbooks', 'runbooks'],
  ['inspection_rules', 'inspection_rules'],
] as const;

/** Deletes all there is. A node in maintenance may go from every state; a busy one is asked again. */
export async function clear(url: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (const [path, key] of COLLECTIONS) {
    for (;;) {
      const query = key === 'nodes' ? '?include_children=true' : '';
      const listed = await ask(url, { method: 'GET', path: `/v1/${path}${query}`, version: NEWEST });
      const items = ((await listed.json()) as Record<string, { uuid: string }[]>)[key] ?? [];
      if (items.length === 0) break;
      if (Date.now() > deadline) throw new Error(`${url}/v1/${path} could not be emptied`);
      for (const { uuid } of items) {
        const item = `/v1/${path}/${uuid}`;
        if (key === 'nodes') {
          await ask(url, { method: 'PUT', path: `${item}/maintenance`, version: NEWEST, body: {} });
          const steps = [{ op: 'replace', path: '/protected', value: false }];
          await ask(url, { method: 'PATCH', path: item, version: NEWEST, body: steps });
        }
        await ask(url, { method: 'DELETE', path: item, version: NEWEST });
      }
      await sleep(PAUSE_MS);
    }
  }
}
