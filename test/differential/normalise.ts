export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Json;
}
/** What a server calls itself; gone after normalising. */
export interface Server {
  url: string;
  conductor: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const OURS = /^d1ff0000-/;
/** Sentences for people. That there is one is compared, not its words. */
const SENTENCES = new Set(['last_error', 'event', 'reason', 'faultstring', 'maintenance_text']);
const HEADERS = [
  'content-type',
  'location',
  'allow',
  'www-authenticate',
  'x-openstack-ironic-api-version',
  'x-openstack-ironic-api-minimum-version',
  'x-openstack-ironic-api-maximum-version',
];

export async function normalised(response: Response, server: Server): Promise<Answer> {
  const text = await response.text();
  const headers: Record<string, string> = {};
  for (const name of HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = headerOf(name, value, server);
  }
  return { status: response.status, headers, body: text === '' ? '' : value(parsed(text), '', server) };
}

function headerOf(name: string, text: string, server: Server): string {
  if (name === 'content-type') return text.split(';')[0] ?? '';
  if (name === 'allow') return text.split(/,\s*/).sort().join(', ');
  return string(text, server);
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return '<not JSON>';
  }
}

function value(json: Json, key: string, server: Server): Json {
  if (Array.isArray(json)) return linkPair(json.map((item) => value(item, key, server)));
  if (typeof json === 'string') {
    if (key === 'error_message') return error(json);
    return SENTENCES.has(key) && json !== '' ? '<text>' : string(json, server);
  }
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [string(name, server), value(inner, name, server)]),
  );
}

/** The inner document of an error: its form is compared, its sentence is not. */
function error(text: string): Json {
  const inner = parsed(text);
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return '<not JSON>';
  const { faultstring, description, ...rest } = inner;
  const sentence = faultstring === undefined ? typeof description : typeof faultstring;
  return { ...rest, [faultstring === undefined ? 'description' : 'faultstring']: `<${sentence}>` };
}

function string(text: string, { url, conductor }: Server): string {
  if (TIME.test(text)) return '<time>';
  return text
    .replaceAll(url, '<api>')
    .replaceAll(conductor, '<conductor>')
    .replace(UUID, (found) => (OURS.test(found) ? found : '<uuid>'));
}

/** `self` and `bookmark` of one thing, in short: they are most of every body. */
export function linkPair(list: Json[]): Json {
  const [self, bookmark] = list as { href?: string; rel?: string }[];
  const path = self?.href?.replace(/^<api>\/v1\//, '');
  const paired = self?.rel === 'self' && bookmark?.rel === 'bookmark' && bookmark.href === `<api>/${path}`;
  return paired && list.length === 2 ? `<links ${path}>` : list;
}
