import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { silentLog } from '../../infra/local/console-log.ts';
import { type Runtime, startRuntime } from '../../infra/local/runtime.ts';
import type { JsonValue } from '../../shared/json.ts';
import { NODE_FIELDS, UNSORTABLE } from '../../shared/node/fields.ts';
import { NODE_FILTERS } from '../../shared/node/node-list.ts';
import { PORT_FIELDS, PORT_FILTERS, UNSORTABLE_PORT_FIELDS } from '../../shared/node/port-fields.ts';
import { listPage, MOST_SORTED, type Page, type Rows } from '../../shared/resource/listing.ts';
import { compare } from '../../shared/resource/query.ts';
import { aNode, aPort } from '../contract/stores.ts';

type Row = Record<string, JsonValue> & { uuid: string };

const COUNT = 11;
let runtime: Runtime;
let parent = '';
let some = { node_uuid: '', address: '' };
before(async () => {
  runtime = await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog });
  const { nodes } = runtime.services;
  const pick = <T>(n: number, values: readonly T[]): T => values[n % values.length] as T;
  const first = await nodes.create(aNode(), []);
  parent = first.uuid;
  for (let n = 0; n < COUNT; n += 1) {
    const node = aNode({
      name: `n${(n * 7) % COUNT}`,
      owner: pick(n, [null, 'ada', 'bob']),
      lessee: pick(n, ['ada', null]),
      description: pick(n, [null, 'a fast one', 'slow']),
      shard: pick(n, [null, 'east', 'West']),
      resource_class: pick(n, ['big', null, 'small']),
      maintenance: pick(n, [false, true]),
      retired: pick(n, [false, false, true]),
      fault: pick(n, [null, 'power failure']),
      conductor_group: pick(n, ['', 'rack1']),
      provision_state: pick(n, ['available', 'active', 'enroll'] as const),
      instance_name: pick(n, [null, 'web']),
      parent_node: pick(n, [null, null, null, parent]),
      interfaces: { ...first.interfaces, boot_interface: pick(n, ['pxe', 'ipxe']) },
    });
    const port = aPort(node, undefined, { name: `p${(n * 5) % COUNT}`, description: pick(n, [null, 'fast']) });
    some = { node_uuid: node.uuid, address: port.address };
    await nodes.create(node, [
      port,
      aPort(node, undefined, { pxe_enabled: pick(n, [true, false]), physical_network: pick(n, [null, 'net']) }),
    ]);
  }
});
after(() => runtime.close());

async function listed(collection: 'nodes' | 'ports', query: string): Promise<Row[]> {
  const rows: Row[] = [];
  let next: string | undefined = `${runtime.operatorUrl}/v1/${collection}?${query}`;
  while (next !== undefined) {
    const answer = await fetch(next, { headers: { 'x-openstack-ironic-api-version': '1.115' } });
    const body = (await answer.json()) as { next?: string } & Record<string, Row[]>;
    assert.equal(answer.status, 200, JSON.stringify(body));
    rows.push(...(body[collection] ?? []));
    next = body.next;
  }
  return rows;
}

describe('a sorted list has the rows of the unsorted one, page by page, in the order of their values', () => {
  const keys = { nodes: [NODE_FIELDS, UNSORTABLE], ports: [PORT_FIELDS, UNSORTABLE_PORT_FIELDS] } as const;
  for (const collection of ['nodes', 'ports'] as const) {
    const [fields, not] = keys[collection];
    it(`${collection}, by every key, up or down`, async () => {
      const children = collection === 'nodes' ? '&include_children=true' : '';
      const all = await listed(collection, `detail=true${children}`);
      for (const [place, { name: key }] of fields.filter(({ name }) => !not.includes(name)).entries()) {
        const order = (a: Row, b: Row) => compare(a[key] ?? null, b[key] ?? null) || compare(a.uuid, b.uuid);
        const expected = all.toSorted(order).map(({ uuid }) => uuid);
        const direction = place % 2 === 0 ? 'asc' : 'desc';
        const found = await listed(collection, `sort_key=${key}&sort_dir=${direction}&limit=8${children}`);
        const uuids = found.map(({ uuid }) => uuid);
        assert.deepEqual(direction === 'asc' ? uuids : uuids.toReversed(), expected, key);
      }
    });
  }
});

describe('a list of some fields', () => {
  it('has of each node what the whole node has, field by field', async () => {
    const whole = await listed('nodes', 'detail=true');
    for (const { name } of NODE_FIELDS) {
      const some = await listed('nodes', `fields=${name}&maintenance=false`);
      const expected = whole.filter(({ maintenance }) => maintenance === false).map((row) => row[name]);
      assert.deepEqual(
        some.map((row) => row[name]),
        expected,
        name,
      );
      assert.ok(some.every((row) => Object.keys(row).sort().join() === [name, 'links'].sort().join()));
    }
  });
});

describe('filters see what they need of a row that is only read in parts', () => {
  const VALUES: Record<string, string> = {
    associated: 'false',
    maintenance: 'true',
    retired: 'true',
    provision_state: 'active',
    driver: 'fake-hardware',
    resource_class: 'big',
    fault: 'power failure',
    conductor_group: 'rack1',
    conductor: 'nodeless',
    owner: 'ada',
    lessee: 'ada',
    project: 'bob',
    description_contains: 'FAST',
    shard: 'east,west',
    sharded: 'true',
    include_children: 'true',
    instance_name: 'web',
  };
  const missing = { nodes: ['instance_uuid', 'chassis_uuid'], ports: ['portgroup', 'conductor_groups'] };
  for (const [collection, filters] of [
    ['nodes', NODE_FILTERS],
    ['ports', PORT_FILTERS],
  ] as const) {
    for (const name of filters.filter((one) => !missing[collection].includes(one))) {
      it(`${collection} by ${name}`, async () => {
        const of: Record<string, string> = { parent_node: parent, node: 'n3', ...some };
        const filter = `${name}=${encodeURIComponent(of[name] ?? VALUES[name] ?? '')}`;
        const plain = (await listed(collection, filter)).map(({ uuid }) => uuid);
        const sorted = (await listed(collection, `${filter}&sort_key=created_at`)).map(({ uuid }) => uuid);
        assert.deepEqual(sorted.toSorted(), plain.toSorted());
        assert.ok(plain.length > 0);
      });
    }
  }
});

describe('a list that is too long to be sorted', () => {
  const rows = (count: number): Rows<{ uuid: string }> => ({
    get: async () => undefined,
    many: async (uuids) => uuids.map((uuid) => ({ uuid })),
    async *inOrder() {
      for (let n = 0; n < count; n += 1) yield { uuid: String(n).padStart(9, '0') };
    },
  });
  const query: Record<string, string> = { sort_key: 'name', limit: '3', sort_dir: 'desc' };
  const values = { string: (name: string) => query[name], boolean: () => undefined, list: () => undefined };
  const page: Page<{ uuid: string }> = {
    name: 'rows',
    url: 'http://any',
    query,
    sortable: () => true,
    selective: false,
    wanted: () => true,
    read: () => 'same',
    show: (row) => ({ ...row }),
    parts: () => [],
  };

  it('is refused with what to do instead', async () => {
    await assert.rejects(listPage(rows(MOST_SORTED.parts + 1), values, page), /Leave sort_key out/);
    const { parts: _known, ...whole } = page;
    await assert.rejects(listPage(rows(MOST_SORTED.whole + 1), values, whole), /More than 50000 rows/);
  });

  it('is sorted up to there', async () => {
    const { rows: found } = await listPage(rows(MOST_SORTED.parts), values, page);
    assert.deepEqual(
      (found as Row[]).map(({ uuid }) => Number(uuid)),
      [199_999, 199_998, 199_997],
    );
  });
});
