import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentSite } from '../fakes/agent-site.ts';

const MAC = '52:54:00:00:00:01';
const HOUR_MS = 3_600_000;

async function site(provision_state: string) {
  const agents = new AgentSite();
  const { uuid } = await agents.enrol({ macs: [MAC], provision_state });
  return {
    agents,
    uuid,
    boots: () => agents.call('GET', `/v1/lookup?addresses=${MAC}`),
    told: async () => (await agents.nodes.events(uuid)).filter(({ event_type }) => event_type === 'turned-away'),
  };
}

describe('a ramdisk that boots while its node is active', () => {
  it('is sent away like a stranger, and the history says once what happened and what to do', async () => {
    const { agents, uuid, boots, told } = await site('active');
    const before = await agents.nodes.get(uuid);
    for (let asked = 0; asked < 10; asked += 1) {
      assert.equal((await boots()).status, 404);
      agents.time += 30_000;
    }
    const [event, ...more] = await told();
    assert.deepEqual(more, []);
    assert.match(
      event?.event ?? '',
      /^A ramdisk booted .* which is active: .*boot from its disk.*service, rescue, rebuild/,
    );
    const after = await agents.nodes.get(uuid);
    assert.deepEqual({ ...after, version: 0 }, { ...before, version: 0 });
    assert.equal((await agents.sessions.get(uuid))?.tokenHash, undefined);
  });

  it('is told of again when it boots another day', async () => {
    const { agents, boots, told } = await site('active');
    await boots();
    agents.time += 24 * HOUR_MS;
    await boots();
    assert.equal((await told()).length, 2);
  });

  it('gets the same answer when its boot cannot be told of', async () => {
    for (const operation of ['counters.take', 'nodes.replace']) {
      const { agents, boots, told } = await site('active');
      agents.tables.faults.fail(operation);
      assert.equal((await boots()).status, 404);
      assert.deepEqual(await told(), []);
    }
  });

  it('is nothing to tell of where a ramdisk is expected', async () => {
    const { boots, told } = await site('available');
    assert.equal((await boots()).status, 200);
    assert.deepEqual(await told(), []);
  });
});
