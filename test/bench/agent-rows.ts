import { randomUUID } from 'node:crypto';
import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { sessionKey } from '../../shared/adapters/dynamodb/session-item.ts';
import { aMac } from '../contract/stores.ts';
import type { BenchSite, Used } from './bench-site.ts';
import type { Row } from './row.ts';

const CALLBACK = 'https://10.0.0.5:9999';
/** A certificate of the size of IPA's own. */
const PEM = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(1200)}\n-----END CERTIFICATE-----\n`;

export async function agentRows(site: BenchSite): Promise<Row[]> {
  return [
    ...(await heartbeatRows(site)),
    ...(await hitRows(site, 1)),
    ...(await hitRows(site, 4)),
    ...(await missRows(site, 1)),
    ...(await missRows(site, 4)),
    ...(await enrolmentRows(site, [1, 4, 8])),
  ];
}

interface Machine {
  macs: string[];
  serial: string;
}
const machine = (k: number): Machine => ({
  macs: Array.from({ length: k }, () => aMac()),
  serial: `SN-${randomUUID()}`,
});

/** A report as an agent's inventory makes it: the wire's own lookup by POST, which also tells the serial number. */
const report = ({ macs, serial }: Machine) => ({
  body: {
    inventory: {
      interfaces: macs.map((mac_address, i) => ({ name: `eth${i}`, mac_address, has_carrier: true })),
      cpu: { count: 64, architecture: 'x86_64', model_name: 'Bench CPU' },
      memory: { physical_mb: 262_144 },
      disks: [{ name: '/dev/sda', size: 480_103_981_056 }],
      system_vendor: { product_name: 'Bench 1', manufacturer: 'Nodeless', serial_number: serial },
    },
  },
});

const lookUp = (site: BenchSite, who: Machine) => site.ask('agent/lookup', report(who));

function answerOf(used: Used): { node: string; token: string } {
  const { node, config } = used.body as { node: { uuid: string }; config: { agent_token: string } };
  return { node: node.uuid, token: config.agent_token };
}

function beat(site: BenchSite, { node, token }: { node: string; token: string }) {
  const body = { callback_url: CALLBACK, agent_token: token, agent_version: '13.0.0', agent_verify_ca: PEM };
  return site.ask('agent/heartbeat', { params: { node }, body });
}

async function heartbeatRows(site: BenchSite): Promise<Row[]> {
  const known = answerOf(await lookUp(site, machine(2)));
  const first = await beat(site, known);
  site.pass(100_000);
  const steady = await beat(site, known);
  const { Item = {} } = await site.client.send(
    new GetItemCommand({ TableName: site.names.agents, Key: sessionKey(known.node), ConsistentRead: true }),
  );
  const what = 'steady heartbeat';
  return [
    { what, unit: 'write units', measured: steady.writes, budget: 1 },
    { what, unit: 'read units', measured: steady.reads, budget: 0 },
    { what, unit: 'units on an index', measured: steady.index, budget: 0 },
    { what, unit: 'calls', measured: steady.calls, budget: 1 },
    { what, unit: 'bytes of the item', measured: sizeOf(Item), budget: 256 },
    {
      what: 'first heartbeat of a boot',
      unit: 'write units',
      measured: first.writes,
      note: 'it stores the certificate',
    },
  ];
}

const SESSION_READ = 1;

/** A machine that is known: its first token, the same one again, and a new one for its next boot. */
async function hitRows(site: BenchSite, k: number): Promise<Row[]> {
  const who = machine(k);
  const known = answerOf(await lookUp(site, who));
  const again = await lookUp(site, who);
  await beat(site, known);
  site.pass(3_600_000);
  const reboot = await lookUp(site, who);
  // Design §9 has no unit for the session. Its strong read is what lets a lookup repeat a token, and costs a fifth of the
  // failed write that would tell the same.
  const units = 0.5 * (k + 1) + 1 + SESSION_READ;
  const note = `with ${SESSION_READ} for the session, which design §9 does not count`;
  const [repeat, renew] = [`lookup, hit, ${k} MACs + serial`, `lookup, hit, ${k} MACs + serial, new token`];
  return [
    { what: repeat, unit: 'read units', measured: again.reads, budget: units, note },
    { what: repeat, unit: 'round trips', measured: again.roundTrips, budget: 2 },
    { what: repeat, unit: 'write units', measured: again.writes, budget: 0 },
    { what: renew, unit: 'read units', measured: reboot.reads, budget: units, note },
    { what: renew, unit: 'round trips', measured: reboot.roundTrips, budget: 3 },
    { what: renew, unit: 'write units', measured: reboot.writes, budget: 1 },
  ];
}

async function missRows(site: BenchSite, k: number): Promise<Row[]> {
  const { enrollment } = site.services.configuration;
  const before = enrollment.unknown;
  enrollment.unknown = 'deny';
  // Policies are kept for a few seconds: strangers ask again and again.
  await missed(() => lookUp(site, machine(k)), site);
  const miss = await missed(() => lookUp(site, machine(k)), site);
  enrollment.unknown = before;
  const what = `lookup, miss, ${k} MACs + serial`;
  return [
    { what, unit: 'read units', measured: miss.reads, budget: 1.5 * (k + 1), note: 'and 1 in 5 s for the policies' },
    { what, unit: 'round trips', measured: miss.roundTrips, budget: 2 },
    { what, unit: 'write units', measured: miss.writes, budget: 0 },
  ];
}

async function missed(look: () => Promise<Used>, site: BenchSite): Promise<Used> {
  try {
    const used = await look();
    throw new Error(`a stranger was answered ${used.status}`);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NotFound') throw error;
    return site.used({ status: 404 });
  }
}

async function enrolmentRows(site: BenchSite, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const k of sizes) {
    const used = await lookUp(site, machine(k));
    const what = `enrolment, ${k} MACs + serial`;
    const ofTransaction = used.writesOf('TransactWriteItems');
    const transactions = used.operations.filter((name) => name.startsWith('TransactWrite')).length;
    // The event is written beside: 2 units in a transaction.
    const event = 2;
    rows.push(
      { what, unit: 'transactions', measured: transactions, budget: 1 },
      {
        what,
        unit: 'write units',
        measured: ofTransaction - event,
        budget: 5 * k + 9,
        note: `and ${event} of the event`,
      },
    );
  }
  return rows;
}

/** As AWS counts: names and texts by their bytes, numbers by two digits a byte and one more. */
function sizeOf(item: Record<string, AttributeValue>): number {
  const value = ({ S, N }: AttributeValue) =>
    S !== undefined ? Buffer.byteLength(S) : N !== undefined ? Math.ceil(N.length / 2) + 1 : 1;
  return Object.entries(item).reduce((sum, [name, one]) => sum + Buffer.byteLength(name) + value(one), 0);
}
