import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { expireHandler } from '../../functions/workflow/expire.ts';
import type { BmcExchange, BmcReply } from '../../shared/run/exchange-port.ts';
import { type RedfishSite, redfishSite } from './redfish-site.ts';

/** A process at the site: takes an exchange, answers `pending`, and has the reply when it is asked again. */
class Relay {
  readonly carried: string[] = [];
  readonly take: (exchange: BmcExchange) => Promise<BmcReply>;
  readonly #replies = new Map<string, BmcReply>();
  readonly #waiting = new Map<string, () => Promise<BmcReply>>();

  constructor(carry: (exchange: BmcExchange) => Promise<BmcReply>) {
    this.take = async (exchange) => {
      const { key = '', method, url } = exchange;
      const reply = this.#replies.get(key);
      if (reply) return reply;
      this.#waiting.set(key, () => {
        this.carried.push(`${method} ${new URL(url).pathname}`);
        return carry(exchange);
      });
      return { kind: 'pending' };
    };
  }

  /** Carries out what waits. */
  async work(): Promise<void> {
    for (const [key, carry] of this.#waiting) this.#replies.set(key, await carry());
    this.#waiting.clear();
  }
}

async function behindRelay(t: TestContext): Promise<{ site: RedfishSite; relay: Relay }> {
  const site = await redfishSite((close) => t.after(close));
  await site.verified();
  const relay = new Relay(site.carry);
  site.carry = relay.take;
  return { site, relay };
}

/** What the relay's report does to a run that waits. */
async function report(site: RedfishSite): Promise<string> {
  const session = await site.services.sessions.get((await site.node()).uuid);
  if (!session?.taskToken) return 'nobody waits';
  return site.workflow.succeed(session.taskToken, { next: 'Advance', because: 'beat' });
}

/** Work and report, until the run has ended. */
async function untilEnded(site: RedfishSite, relay: Relay, reports: number): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    if ((await site.pump()).run?.ended) return;
    await relay.work();
    for (let times = 0; times < reports; times += 1) await report(site);
  }
  throw new Error('the run does not end');
}

const SYSTEM = '/redfish/v1/Systems/1';
/** Switch on, and look: each exchange is carried out once. */
const EXCHANGES = [
  'GET /redfish/v1/Systems',
  `GET ${SYSTEM}`,
  `POST ${SYSTEM}/Actions/ComputerSystem.Reset`,
  'GET /redfish/v1/Systems',
  `GET ${SYSTEM}`,
];

describe('a BMC behind a relay', () => {
  for (const [how, reports] of [
    ['answers late', 1],
    ['reports everything twice', 2],
  ] as const) {
    it(`${how}: the run waits, goes on with each reply, and nothing is done twice`, async (t) => {
      const { site, relay } = await behindRelay(t);
      await site.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
      const waits = await site.pump();
      assert.match(waits.run?.waiting?.for ?? '', /power on/);
      await untilEnded(site, relay, reports);
      const node = await site.node();
      assert.deepEqual([node.run?.ended?.result, node.power_state, node.last_error], ['done', 'power on', null]);
      assert.deepEqual(relay.carried, EXCHANGES);
      assert.equal(await report(site), 'nobody waits');
    });
  }

  it('never reports: the run ends at its deadline and says what it waited for', async (t) => {
    const { site } = await behindRelay(t);
    await site.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
    const { run } = await site.pump();
    assert.ok(run);
    site.time = (run.waiting?.until ?? 0) + 1000;
    const expired = { node: (await site.node()).uuid, run: run.id, attempt: run.attempt, why: 'States.Timeout' };
    await expireHandler(site.services)(expired);
    const node = await site.node();
    assert.equal(node.run?.ended?.result, 'failed');
    assert.match(node.last_error ?? '', /power stopped in power on: waited \d+ s for power on/);
    assert.deepEqual([node.power_state, node.target_power_state], ['power off', null]);
  });
});
