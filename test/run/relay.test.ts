import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AgentExchange } from '../../shared/run/exchange-port.ts';
import type { ExchangeReply } from '../../shared/run/run.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

/** A process at the site: takes an exchange with the agent, answers `pending`, and tells the reply to who asks the same again. */
class AgentRelay {
  readonly #replies = new Map<string, ExchangeReply>();
  readonly #waiting = new Map<string, () => Promise<ExchangeReply>>();

  constructor(site: DeploymentSite) {
    const carry = site.agent.agent.bind(site.agent);
    site.agent.agent = async (exchange: AgentExchange): Promise<ExchangeReply> => {
      const key = JSON.stringify(exchange.request);
      const reply = this.#replies.get(key);
      this.#replies.delete(key);
      if (reply) return reply;
      this.#waiting.set(key, () => carry(exchange));
      return { kind: 'pending' };
    };
  }

  /** Carries out what waits; how many that were. */
  async work(): Promise<number> {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [key, carry] of waiting) this.#replies.set(key, await carry());
    return waiting.length;
  }
}

/** What the relay's report does to a run that waits. */
async function report(site: DeploymentSite): Promise<void> {
  const { taskToken } = (await site.sessions.get(UUID)) ?? {};
  if (taskToken) await site.workflow.succeed(taskToken, { next: 'Advance', because: 'beat' });
}

describe('an agent behind a relay', () => {
  for (const [how, reports] of [
    ['that answers late', 1],
    ['that reports everything twice', 2],
  ] as const) {
    it(`${how}: the deploy waits, goes on with each reply, and the agent sees each command once`, async () => {
      const direct = await DeploymentSite.present();
      await direct.start();
      await direct.untilEnded();

      const site = await DeploymentSite.present();
      const relay = new AgentRelay(site);
      await site.start();
      await site.pump();
      assert.match((await site.node()).run?.waiting?.for ?? '', /the agent to answer \(pending\)/);
      const node = await site.untilEnded(async () => {
        while ((await relay.work()) > 0) {
          for (let times = 0; times < reports; times += 1) await report(site);
          await site.pump();
        }
        await site.beatOrBoot();
      });
      assert.deepEqual([node.provision_state, node.last_error], ['active', null]);
      assert.deepEqual(site.agent.began, direct.agent.began);
    });
  }

  it('that never reports: the deploy ends at its deadline and says what it waited for', async () => {
    const site = await DeploymentSite.present();
    new AgentRelay(site);
    await site.start();
    // The agent beats on: that is life, and no reply.
    for (let minutes = 0; minutes < 60; minutes += 1) {
      await site.pump();
      site.time += 60_000;
      await site.beatOrBoot();
    }
    const node = await site.node();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /waited 1800 s for the agent to answer \(pending\)/);
    assert.deepEqual(site.agent.began, []);
  });
});
