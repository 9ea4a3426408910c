import { ask, clear } from '../differential/asking.ts';
import { add, get, patch, post } from '../differential/request.ts';

const ROUNDS = 100;
const NODES = 100;
const CALLS = [
  ['show', (uuid: string) => get(`/nodes/${uuid}`)],
  ['list(100)', () => get('/nodes?limit=100')],
  ['detail(100)', () => get('/nodes/detail?limit=100')],
  ['patch', (uuid: string, round: number) => patch(`/nodes/${uuid}`, [add('/extra/round', round)])],
] as const;

export interface Latency {
  call: string;
  ironicMs: number;
  nodelessMs: number;
}

/** Half of the answers are faster than this; both servers are emptied, filled alike and asked in turn. */
export async function latencies(ironicUrl: string, nodelessUrl: string): Promise<Latency[]> {
  const urls = [ironicUrl, nodelessUrl];
  const uuids = await Promise.all(urls.map(filled));
  const measured: Latency[] = [];
  for (const [name, call] of CALLS) {
    const times = urls.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, url] of urls.entries()) times[at]?.push(await timed(url, call(uuids[at] ?? '', round)));
    }
    const [ironicMs = 0, nodelessMs = 0] = times.map(median);
    measured.push({ call: name, ironicMs, nodelessMs });
  }
  for (const url of urls) await clear(url);
  return measured;
}

/** Returns the UUID of one of the nodes. */
async function filled(url: string): Promise<string> {
  await clear(url);
  let uuid = '';
  for (let n = 1; n <= NODES; n += 1) {
    const made = await ask(url, post('/nodes', { driver: 'fake-hardware', name: `node-${n}`, extra: { rack: n } }));
    ({ uuid } = (await made.json()) as { uuid: string });
  }
  return uuid;
}

async function timed(url: string, request: Parameters<typeof ask>[1]): Promise<number> {
  const start = performance.now();
  const response = await ask(url, request);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${request.method} ${url}${request.path}: ${response.status}`);
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
