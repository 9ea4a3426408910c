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
  /** Of its root document: who answers. */
  name: string;
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
  if (Array.isArray(json)) {
    const list = json.map((item) => value(item, key, server));
    // In the order of a database, which means nothing.
    return key.startsWith('enabled_') ? list.sort() : linkPair(list);
  }
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

/** What every client reads of an error, in whichever of Ironic's two inner forms: who is at fault, and a sentence. */
function error(text: string): Json {
  const inner = parsed(text);
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return '<not JSON>';
  const { faultcode, faultstring, debuginfo, code, title, description, ...more } = inner;
  if (Object.keys(more).length > 0) return '<other keys>';
  const controller = typeof faultcode === 'string' && typeof faultstring === 'string' && debuginfo === null;
  const router = typeof code === 'number' && typeof title === 'string' && typeof description === 'string';
  if (controller === router) return '<neither form>';
  const sentence = controller ? faultstring : description;
  return { fault: controller ? faultcode : Number(code) < 500 ? 'Client' : 'Server', says: sentence !== '' };
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
