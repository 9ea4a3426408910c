import { aNode } from '../contract/stores.ts';
import type { BenchSite } from './bench-site.ts';
import type { Row } from './row.ts';

const NODES = 400;
const PAGE = 100;
/** Makes a row of 2 KB, as a node in use has: half a read unit among others, one alone. */
const EXTRA = { note: 'x'.repeat(1700) };

/** Evenly over the sixteen partitions, and before all that other rows of the bench make. */
const uuid = (n: number) => `01900000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A page of the nodes, in the order of UUIDs and by a value. */
export async function listRows(site: BenchSite): Promise<Row[]> {
  for (let n = 0; n < NODES; n += 20) {
    const some = Array.from({ length: 20 }, (_, k) =>
      aNode({ uuid: uuid(n + k), extra: EXTRA, name: `list-${n + k}` }),
    );
    await Promise.all(some.map((node) => site.services.nodes.create(node, [])));
  }
  const list = (query: Record<string, string>) =>
    site.ask('operator/nodes#list', { method: 'GET', minor: 90, query: { limit: String(PAGE), ...query } });
  const [plain, sorted] = [await list({}), await list({ sort_key: 'name' })];
  const instance_uuid = uuid(NODES);
  await site.services.nodes.create(aNode({ instance_uuid }), []);
  const ofInstance = await list({ instance_uuid });
  const what = (order: string) => `list of ${NODES} nodes of 2 KB, a page of ${PAGE} ${order}`;
  const wide = what('by UUID');
  const byName = what('by name');
  return [
    { what: wide, unit: 'read units', measured: plain.reads, budget: PAGE },
    { what: wide, unit: 'round trips', measured: plain.roundTrips, budget: 2 },
    {
      what: byName,
      unit: 'read units',
      measured: sorted.reads,
      budget: NODES / 2 + PAGE + 50,
      note: 'of 100 000 nodes 50 000: half a cent a page',
    },
    { what: byName, unit: 'round trips', measured: sorted.roundTrips, budget: 2 },
    { what: 'the node of an instance', unit: 'read units', measured: ofInstance.reads, budget: 2 },
    { what: 'the node of an instance', unit: 'round trips', measured: ofInstance.roundTrips, budget: 2 },
  ];
}
