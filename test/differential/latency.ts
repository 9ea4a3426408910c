import { ask } from './asking.ts';
import { add, get, id, patch, post } from './request.ts';

const ROUNDS = 100;
const NODES = 100;
const CALLS = [
  ['show', () => get(`/nodes/${id(1)}`)],
  ['list(100)', () => get('/nodes?limit=100')],
  ['detail(100)', () => get('/nodes/detail?limit=100')],
  ['patch', (round: number) => patch(`/nodes/${id(1)}`, [add('/extra/round', round)])],
] as const;

/** Half of the answers are faster than this, in milliseconds; both servers are asked in turn. */
export async function latencies(ironicUrl: string, nodelessUrl: string): Promise<Map<string, number>> {
  const urls = [ironicUrl, nodelessUrl];
  for (const url of urls) {
    for (let n = 1; n <= NODES; n += 1) {
      await timed(url, post('/nodes', { driver: 'fake-hardware', uuid: id(n), name: `node-${n}`, extra: { rack: n } }));
    }
  }
  const ratios = new Map<string, number>();
  console.log(`p50 of ${ROUNDS}, ms    real Ironic   Nodeless    ratio`);
  for (const [name, call] of CALLS) {
    const times = urls.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, url] of urls.entries()) times[at]?.push(await timed(url, call(round)));
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
