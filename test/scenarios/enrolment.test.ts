import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { JsonObject } from '../../shared/json.ts';
import { Rack } from '../rack/rack.ts';
import { until } from '../until.ts';
import { Stage } from './stage.ts';

interface Machine {
  macs: string[];
  serial: string;
  vendor?: string;
  model?: string;
}

const mac = (unit: number, card = 1): string =>
  `52:54:00:66:${[unit, card].map((part) => part.toString(16).padStart(2, '0')).join(':')}`;

const inventoryOf = ({ macs, serial, vendor = 'Example', model = 'R1' }: Machine): JsonObject => ({
  interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address, has_carrier: true })),
  cpu: { count: 64, architecture: 'x86_64' },
  memory: { physical_mb: 262_144 },
  disks: [{ name: '/dev/sda', size: 480_103_981_056, serial: `DISK-${serial}` }],
  system_vendor: { product_name: model, manufacturer: vendor, serial_number: serial },
});

interface Answer {
  status: number;
  headers: [string, string][];
  text: string;
}

/** What differs between two answers to the same question anyhow. */
const OWN = ['date', 'openstack-request-id', 'x-openstack-request-id'];

describe('enrolment, over HTTP', () => {
  let stage: Stage;
  const lines: unknown[] = [];
  before(async () => {
    const enrollment = { unknown: 'hold', driver: 'manual', state: 'available' } as const;
    const line = (...what: unknown[]) => void lines.push(what);
    const log = { info: line, warn: line, error: line };
    const configuration = { enrollment, limits: { enrolmentsPerMinute: 1000 }, heartbeatIntervalSeconds: 60 };
    stage = await Stage.open({ configuration, log });
  });
  after(() => stage.close());

  async function agent(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${stage.runtime.agentUrl}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.68' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const headers = [...response.headers].filter(([name]) => !OWN.includes(name)).sort();
    return { status: response.status, headers, text: await response.text() };
  }
  const lookup = (address: string, join = '') => agent(`${join}/v1/lookup?addresses=${address}`);
  const inspect = (machine: Machine, join = '') =>
    agent(`${join}/v1/continue_inspection`, { inventory: inventoryOf(machine) });
  const nodeOf = ({ text }: Answer): string => JSON.parse(text).uuid ?? JSON.parse(text).node.uuid;

  const operator = (method: string, path: string, expect: number, body?: unknown) =>
    stage.operator(method, `/v1/nodeless${path}`, expect, body);
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what a client would read
  const inbox = async (query = ''): Promise<any[]> => (await operator('GET', `/inbox${query}`, 200))['inbox'] as any[];

  async function waiting(address: string): Promise<string> {
    const [row] = await inbox(`?state=all&mac=${address}`);
    assert.ok(row, `${address} is in the inbox`);
    return String(row.uuid);
  }

  async function explain(subject: string, query = ''): Promise<JsonObject> {
    const explained = await operator('GET', `/explain/${subject}${query}`, 200);
    for (const line of [explained['outcome'], ...(explained['reasons'] as string[])]) {
      process.stdout.write(`    # ${line}\n`);
    }
    return explained;
  }

  it('a policy denies by vendor: the machine is not asked about before it was inspected, and nothing is enrolled', async () => {
    const policy = { name: 'no-acme', conditions: { vendor: 'ACME*' }, outcome: 'deny', priority: 1 };
    const { uuid } = await operator('POST', '/policies', 201, policy);
    const machine = { macs: [mac(1)], serial: 'ACME-1', vendor: 'Acme Corp.' };
    assert.equal((await lookup(mac(1))).status, 404);
    assert.deepEqual(await inbox(`?state=all&mac=${mac(1)}`), []);
    assert.equal((await inspect(machine)).status, 404);
    const explained = await explain(await waiting(mac(1)));
    assert.equal(explained['state'], 'denied');
    assert.equal(explained['outcome'], 'policy no-acme says deny');
    await operator('DELETE', `/policies/${uuid}`, 204);
    // What would it be today?
    const again = (await explain(await waiting(mac(1)), '?replay=true'))['replay'] as JsonObject;
    assert.deepEqual([again['changed'], again['verdict']], [true, 'hold']);
    assert.deepEqual((again['changes'] as string[])[0], 'was denied, would be held');
  });

  it('a machine is held, a person approves it, and its next lookup by any of its MACs is answered', async () => {
    const machine = { macs: [mac(2), mac(2, 2)], serial: 'HELD-2' };
    assert.equal((await lookup(mac(2))).status, 404);
    assert.equal((await inspect(machine)).status, 404);
    assert.equal((await lookup(mac(2, 2))).status, 404);
    const [row, ...others] = await inbox(`?mac=${mac(2)}`);
    assert.deepEqual([row.state, row.macs, row.serial, others], ['held', machine.macs, 'HELD-2', []]);
    assert.ok(row.count >= 2);
    await explain(row.uuid);
    const approved = await operator('POST', `/inbox/${row.uuid}/approve`, 200, {
      name: '{vendor}-{serial}',
      resource_class: 'gold',
      traits: ['CUSTOM_GPU'],
    });
    assert.equal(approved['state'], 'approved');
    for (const address of machine.macs) assert.equal(nodeOf(await lookup(address)), approved['node']);
    const node = await stage.node(String(approved['node']));
    assert.deepEqual(
      [node['name'], node['resource_class'], node['traits']],
      ['example-held-2', 'gold', ['CUSTOM_GPU']],
    );
    assert.match(String((await explain('example-held-2'))['outcome']), /^Enrolled out of the inbox/);
    const shown = await operator('GET', `/inbox/${row.uuid}`, 200);
    const types = (shown['history'] as JsonObject[]).map(({ event_type }) => event_type);
    assert.deepEqual([types.at(0), types.at(-1), shown['has_inventory']], ['submitted', 'decided', true]);
    await operator('POST', `/inbox/${row.uuid}/approve`, 409);
    await operator('POST', `/inbox/${row.uuid}/reject`, 409);
  });

  it('hardware is replaced: a strange machine becomes a node that is there, and the old session ends', async () => {
    const uuid = await stage.nodeWith(mac(3), { name: 'rack3', properties: { serial_number: 'OLD-3', cpus: 1 } });
    assert.equal(nodeOf(await lookup(mac(3))), uuid);
    const before = await stage.runtime.services.sessions.get(uuid);
    const machine = { macs: [mac(3, 7), mac(3, 8)], serial: 'NEW-3' };
    assert.equal((await inspect(machine)).status, 404);
    const submission = await waiting(mac(3, 7));
    await operator('POST', `/inbox/${submission}/approve`, 200, { node: 'rack3', reason: 'board and cards replaced' });
    assert.equal(nodeOf(await lookup(mac(3, 8))), uuid);
    const node = await stage.runtime.services.nodes.get(uuid);
    assert.deepEqual([node?.macs, node?.properties['serial_number']], [machine.macs, 'NEW-3']);
    const after = await stage.runtime.services.sessions.get(uuid);
    assert.ok((after?.generation ?? 0) > (before?.generation ?? 0));
    assert.equal((await lookup(mac(3))).status, 404);
    await explain('rack3');
  });

  it('a machine that shows a MAC of another node is approved as one of them: the MAC moves, both sessions end', async () => {
    const [one, other] = [await stage.nodeWith(mac(4)), await stage.nodeWith(mac(4, 2))];
    for (const address of [mac(4), mac(4, 2)]) await lookup(address);
    const sessions = stage.runtime.services.sessions;
    const before = await Promise.all([one, other].map(async (uuid) => (await sessions.get(uuid))?.generation ?? 0));
    assert.equal((await inspect({ macs: [mac(4), mac(4, 2)], serial: 'BOTH-4' })).status, 404);
    const submission = await waiting(mac(4));
    assert.equal((await explain(submission))['state'], 'conflict');
    await operator('POST', `/inbox/${submission}/approve`, 409);
    await operator('POST', `/inbox/${submission}/approve`, 200, { node: one });
    assert.deepEqual((await stage.runtime.services.nodes.get(one))?.macs, [mac(4), mac(4, 2)]);
    assert.deepEqual((await stage.runtime.services.nodes.get(other))?.macs, []);
    assert.equal(nodeOf(await lookup(mac(4, 2))), one);
    const ended = await Promise.all([one, other].map(async (uuid) => (await sessions.get(uuid))?.generation ?? 0));
    assert.ok(ended.every((generation, i) => generation > (before[i] ?? 0)));
  });

  it('a join token for one model lets in that model only, and not before it was inspected', async () => {
    const made = await operator('POST', '/join_tokens', 201, { name: 'dl380', models: ['DL380*'], uses: 1 });
    const join = String(made['path']);
    assert.match(join, /^\/join\/[\w-]{43}$/);
    const wrong = { macs: [mac(5)], serial: 'WRONG-5', model: 'R740' };
    assert.equal((await inspect(wrong, join)).status, 404);
    const explained = await explain(await waiting(mac(5)));
    assert.equal(explained['outcome'], 'join token dl380 is not for the model R740');
    const right = { macs: [mac(5, 2)], serial: 'RIGHT-5', model: 'DL380 Gen10' };
    assert.equal((await lookup(mac(5, 2), join)).status, 404);
    const enrolled = nodeOf(await inspect(right, join));
    // A use is a node, not a request.
    for (let i = 0; i < 3; i += 1) assert.equal(nodeOf(await lookup(mac(5, 2), join)), enrolled);
    const shown = await operator('GET', '/join_tokens/dl380', 200);
    assert.deepEqual([shown['used'], shown['state'], 'token' in shown], [1, 'used_up', false]);
    await explain(enrolled);
    assert.equal((await inspect({ macs: [mac(5, 3)], serial: 'LATE-5', model: 'DL380 Gen11' }, join)).status, 404);
    assert.match(String((await explain(await waiting(mac(5, 3))))['outcome']), /is used up/);
  });

  it('a join token for a range of serial numbers lets in both ends of it, and nobody beside them', async () => {
    const { path } = await operator('POST', '/join_tokens', 201, { name: 'crate', serials: ['CR0098..CR0101'] });
    const [below, first, last, above] = await Promise.all(
      ['CR0097', 'CR0098', 'CR0101', 'CR0102'].map((serial, at) =>
        inspect({ macs: [mac(5, 32 + at)], serial }, String(path)),
      ),
    );
    assert.deepEqual([below?.status, first?.status, last?.status, above?.status], [404, 200, 200, 404]);
    const explained = await explain(await waiting(mac(5, 35)));
    assert.equal(explained['outcome'], 'join token crate is not for the serial number CR0102');
  });

  it('links in answers to an agent lead back below its join token', async () => {
    const { path } = await operator('POST', '/join_tokens', 201, {});
    const root = await agent(`${path}/`);
    assert.equal(root.status, 200);
    assert.match(root.text, new RegExp(`${path}/v1`));
    const enrolled = await inspect({ macs: [mac(6)], serial: 'LINK-6' }, String(path));
    assert.equal(enrolled.status, 200);
    assert.match((await lookup(mac(6), String(path))).text, new RegExp(`${path}/v1/nodes/`));
  });

  it('a machine that boots from a join link looks up, is inspected and beats below it; no line and no row holds the token', async () => {
    const made = await operator('POST', '/join_tokens', 201, { name: 'boots', models: ['*'] });
    const rack = new Rack({ apiUrl: `${stage.runtime.agentUrl}${made['path']}`, timeScale: 20, random: () => 0.5 });
    try {
      const machine = rack.add({ macs: [mac(6, 5)], serial: 'BOOTS-6', inspect: true });
      machine.powerOn();
      const uuid = await until('its node', async () => (machine.token ? machine.uuid : undefined));
      const { services } = stage.runtime;
      await until('its beat', async () => ((await services.sessions.get(uuid))?.lastBeatAt ?? 0) > 0);
      const kept = [
        await services.nodes.events(uuid),
        await services.resources.list('submission'),
        await services.nodes.get(uuid),
      ];
      const tokens = await services.resources.list('join_token');
      assert.ok(!JSON.stringify([kept, tokens, lines]).includes(String(made['token'])));
      assert.ok(JSON.stringify(lines).includes('/join/{token}/v1/heartbeat/{node}'));
    } finally {
      await rack.close();
    }
  });

  it('machines are rejected in bulk by a filter, and stay so', async () => {
    const units = [1, 2, 3];
    for (const card of units) await inspect({ macs: [mac(7, card)], serial: `BULK-${card}`, model: 'Desktop' });
    const { done, failed, more } = await operator('POST', '/inbox/reject', 200, {
      filter: { model: 'Desk*' },
      reason: 'not ours',
    });
    assert.deepEqual([(done as unknown[]).length, failed, more], [units.length, [], false]);
    assert.deepEqual(await inbox('?model=Desktop'), []);
    assert.equal((await lookup(mac(7))).status, 404);
    assert.deepEqual(await inbox('?model=Desktop'), []);
    const explained = await explain(await waiting(mac(7)));
    assert.match(String(explained['outcome']), /^rejected: not ours/);
    await operator('POST', '/inbox/reject', 400, { reason: 'all of them?' });
  });

  it('no reply tells a stranger whether a node exists: every no is the same 404, byte for byte', async () => {
    await stage.nodeWith(mac(8), { properties: { serial_number: 'KNOWN-8' } });
    const token = async (given: JsonObject) => String((await operator('POST', '/join_tokens', 201, given))['path']);
    const [ranged, revoked] = [await token({ serials: ['X*'] }), await token({ name: 'revoked-8' })];
    await operator('DELETE', '/join_tokens/revoked-8', 204);
    await operator('POST', '/inbox/reject', 200, { filter: { mac: mac(7) } });
    const noes: Record<string, Answer> = {
      held: await lookup(mac(8, 20)),
      'held, again': await lookup(mac(8, 20)),
      rejected: await lookup(mac(7)),
      'the serial number of a node': await agent('/v1/lookup?serial=KNOWN-8'),
      'the serial number of nobody': await agent('/v1/lookup?serial=UNKNOWN-8'),
      conflict: await lookup(`${mac(8)},${mac(4)}`),
      'wrong serial for its token': await inspect({ macs: [mac(8, 21)], serial: 'Y-1' }, ranged),
      'a ranged token before the inspection': await lookup(mac(8, 22), ranged),
      'a revoked token': await lookup(mac(8, 23), revoked),
      'an unknown token': await lookup(mac(8, 24), `/join/${'A'.repeat(43)}`),
      'no token at all': await lookup(mac(8, 25), '/join/%20'),
    };
    const [expected] = Object.values(noes);
    for (const [name, answer] of Object.entries(noes)) assert.deepEqual(answer, expected, name);
    assert.equal(expected?.status, 404);
  });
});
