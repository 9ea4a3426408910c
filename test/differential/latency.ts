import { ask, clear } from './asking.ts';
import { add, get, patch, post } from './request.ts';

const ROUNDS = 100;
const NODES = 100;
const CALLS = [
  ['show', (uuid: string) => get(`/nodes/${uuid}`)],
  ['list(100)', () => get('/nodes?limit=100')],
  ['detail(100)', () => get('/nodes/detail?limit=100')],
  ['patch', (uuid: string, round: number) => patch(`/nodes/${uuid}`, [add('/extra/round', round)])],
] as const;

/** Half of the answers are faster than this, in milliseconds; both servers are asked in turn. */
export async function latencies(ironicUrl: string, nodelessUrl: string): Promise<Map<string, number>> {
  const servers: { url: string; uuid: string }[] = [];
  for (const url of [ironicUrl, nodelessUrl]) {
    await clear(url);
    let uuid = '';
    for (let n = 1; n <= NODES; n += 1) {
      const made = await ask(url, post('/nodes', { driver: 'fake-hardware', name: `node-${n}`, extra: { rack: n } }));
      ({ uuid } = (await made.json()) as { uuid: string });
    }
    servers.push({ url, uuid });
  }
  const ratios = new Map<string, number>();
  console.log(`p50 of ${ROUNDS}, ms    real Ironic   Nodeless    ratio`);
  for (const [name, call] of CALLS) {
    const times = servers.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, { url, uuid }] of servers.entries()) times[at]?.push(await timed(url, call(uuid, round)));
    }
    const [ironic = 0, nodeless = 0] = times.map(median);
    ratios.set(name, nodeless / ironic);
    const cells = [
      ironic.toFixed(1).padStart(11),
      nodeless.toFixed(1).padStart(10),
      (nodeless / ironic).toFixed(2).padStart(8),
    ];
    console.log(`${name.padEnd(20)} ${cells.join(' ')}`);
  }
  for (const { url } of servers) await clear(url);
  return ratios;
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
