import type { CommandEntry, CommandList } from './command-list.ts';
import { Refusal } from './faults.ts';
import { isObject, type Json } from './types.ts';

export interface AgentApi {
  readonly list: CommandList;
  readonly token: string | null;
  readonly legacy: boolean;
  readonly startedAt: number;
  readonly version: string;
  readonly random: () => number;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly location?: string;
}

const NOT_FOUND =
  '404 Not Found: The requested URL was not found on the server. If you entered the URL manually please check your ' +
  'spelling and try again.';
const NOT_ALLOWED = '405 Method Not Allowed: The method is not allowed for the requested URL.';
const BAD_BODY = '400 Bad Request: Missing or invalid name or params';
const MEDIA = 'application/vnd.openstack.ironic-python-agent.v1+json';

/** One request to the agent's API. */
export async function answerTo(api: AgentApi, method: string, url: URL, text: string): Promise<ApiAnswer> {
  try {
    return await route(api, method, url, text);
  } catch (error) {
    const status = error instanceof Refusal ? error.status : 500;
    const faultcode = status >= 500 ? 'Server' : 'Client';
    return {
      status,
      body: { ...(api.legacy ? { debuginfo: null } : {}), faultcode, faultstring: (error as Error).message },
    };
  }
}

async function route(api: AgentApi, method: string, url: URL, text: string): Promise<ApiAnswer> {
  const path = url.pathname.replace(/^\/v1(?=\/.)/, '');
  const id = /^\/commands\/([^/]+)$/.exec(path)?.[1];
  const collection = path === '/commands/' || (api.legacy && path === '/commands');
  const bare = url.pathname === '/v1' || path === '/commands';
  // Only from 6.0 on the slash matters
  if (bare && !api.legacy) return slash(url);
  const isVersion = path === '/v1/' || path === '/v1';
  const known = path === '/' || isVersion || path === '/status' || collection || id !== undefined;
  if (!known) throw new Refusal(404, NOT_FOUND);
  const reads = method === 'GET' || method === 'HEAD';
  if (!reads && !(method === 'POST' && collection)) throw new Refusal(405, NOT_ALLOWED);
  if (path === '/') return { status: 200, body: rootDocument(url.origin) };
  if (isVersion) return { status: 200, body: versionDocument(url.origin) };
  if (path === '/status') return { status: 200, body: { started_at: api.startedAt, version: api.version } };
  admit(api, url);
  if (id !== undefined) return render(api, url, api.list.get(id));
  if (reads) return { status: 200, body: { commands: api.list.entries.map((entry) => resultOf(api, entry)) } };
  const { name, params } = commandOf(text);
  return render(api, url, api.list.start(name, params));
}

function slash(url: URL): ApiAnswer {
  const location = `${url.origin}${url.pathname}/${url.search}`;
  return { status: 308, body: `<!doctype html>\n<title>Redirecting...</title>\n<p>${url.pathname}/</p>\n`, location };
}

/** The token, on current agents; before 6.0 any argument they did not know was refused. */
function admit(api: AgentApi, url: URL): void {
  if (api.legacy) {
    const stray = [...url.searchParams.keys()].find((key) => key !== 'wait');
    if (stray !== undefined) throw new Refusal(400, `Unknown argument: "${stray}"`);
  } else if (api.token === null || url.searchParams.get('agent_token') !== api.token) {
    throw new Refusal(401, '401 Unauthorized: Token invalid.');
  }
}

function commandOf(text: string): { name: string; params: Json } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refusal(400, '400 Bad Request: Failed to decode JSON object: Expecting value: line 1 column 1 (char 0)');
  }
  if (!isObject(body) || !('name' in body) || !isObject(body.params)) throw new Refusal(400, BAD_BODY);
  if (typeof body.name !== 'string') throw new Refusal(500, "'int' object has no attribute 'split'");
  return { name: body.name, params: body.params };
}

async function render(api: AgentApi, url: URL, entry: CommandEntry): Promise<ApiAnswer> {
  if (url.searchParams.get('wait')?.toLowerCase() === 'true') await entry.done;
  // A command that ends at once races with its own answer: seen both as RUNNING and as ended
  else if (api.random() < 0.5) await new Promise((resolve) => setImmediate(resolve));
  return { status: 200, body: resultOf(api, entry) };
}

function resultOf(api: AgentApi, entry: CommandEntry): Json {
  if (entry.poison) throw new Refusal(500, `Object of type ${entry.poison} is not JSON serializable`);
  return {
    id: entry.id,
    command_name: entry.name,
    ...(api.legacy ? { command_params: entry.params } : {}),
    command_status: entry.status,
    command_error: entry.error,
    command_result: entry.result,
  };
}

function version(base: string): Json {
  const describedby = 'https://docs.openstack.org/ironic-python-agent/';
  return {
    id: 'v1',
    links: [
      { href: `${base}/v1`, rel: 'self' },
      { href: describedby, rel: 'describedby', type: 'text/html' },
    ],
  };
}

function rootDocument(base: string): Json {
  return {
    name: 'OpenStack Ironic Python Agent API',
    description: 'Ironic Python Agent is a provisioning agent for OpenStack Ironic',
    versions: [version(base)],
    default_version: version(base),
  };
}

function versionDocument(base: string): Json {
  const links = (name: string) => [
    { href: `${base}/v1/${name}`, rel: 'self' },
    { href: `${base}/${name}`, rel: 'bookmark' },
  ];
  return {
    commands: links('commands'),
    status: links('status'),
    media_types: [{ base: 'application/json', type: MEDIA }],
    ...version(base),
  };
}
