import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AgentSite } from '../fakes/agent-site.ts';

const MAC = '52:54:00:00:00:01';
const STRANGER = '52:54:00:00:00:99';
const LOOKUP = '/v1/drivers/agent_ipmitool/vendor_passthru/lookup';
const LEGACY = { legacy_heartbeat: true };
const AGENT = { agent_url: 'http://10.0.0.5:9999' };

const beatPath = (uuid: string) => `/v1/nodes/${uuid}/vendor_passthru/heartbeat`;
const shown = (mac: string) => ({ version: '2', inventory: { interfaces: [{ name: 'eno0', mac_address: mac }] } });
const post = (site: AgentSite, path: string, body: unknown, ip = '10.0.0.5') =>
  site.call('POST', path, { body, minor: null, ip });
const looking = (site: AgentSite, mac = MAC, ip?: string) => post(site, LOOKUP, shown(mac), ip);

/** Tokens are for agents of later years. */
const tokenOf = async (site: AgentSite): Promise<string> =>
  (await site.call('GET', `/v1/lookup?addresses=${MAC}`, { minor: 62 })).body.config.agent_token;
const beats = (site: AgentSite, uuid: string, agent_token: string) =>
  site.call('POST', `/v1/heartbeat/${uuid}`, {
    body: { callback_url: 'https://10.0.0.5:9999', agent_token, agent_version: '13.0.0' },
  });

/** A site that enrols whoever is unknown, as the local runtime does. */
function open(networks: string[]): AgentSite {
  const site = new AgentSite();
  site.configuration.legacyHeartbeat = { networks };
  site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
  return site;
}

describe('the protocol of 2014', () => {
  it('is off: a machine gets nothing and a beat without a token is refused, whatever its node says', async () => {
    const site = open([]);
    const { uuid } = await site.enrol({ macs: [MAC], driver_info: LEGACY });
    const token = await tokenOf(site);
    assert.equal((await looking(site)).status, 404);
    assert.equal((await looking(site, STRANGER)).status, 404);
    const beat = await post(site, beatPath(uuid), AGENT);
    assert.equal(beat.status, 403);
    // The token that was given out, and not used yet, is good still.
    assert.equal((await beats(site, uuid, token)).status, 202);
  });

  it('is on where networks are declared; outside of them nothing is found, made or changed', async () => {
    const site = open(['10.0.0.0/24']);
    const { uuid } = await site.enrol({ macs: [MAC], driver_info: LEGACY });
    const before = await site.sessions.get(uuid);
    assert.equal((await looking(site, MAC, '10.0.1.5')).status, 404);
    assert.deepEqual(await site.sessions.get(uuid), before);
    assert.equal((await looking(site)).status, 200);
  });

  it('enrols nobody and keeps nothing of a stranger, also where it is on', async () => {
    const site = open(['10.0.0.0/24']);
    assert.equal((await looking(site, STRANGER)).status, 404);
    assert.deepEqual(await site.nodes.list(), []);
    assert.deepEqual(await site.resources.list('submission'), []);
  });

  it('gives nothing to the machine of a node that does not say so, and leaves its token alone', async () => {
    const site = open(['10.0.0.0/24']);
    const { uuid } = await site.enrol({ macs: [MAC], driver_info: { legacy_heartbeat: 'true' } });
    const token = await tokenOf(site);
    const named = { ...shown(MAC), node_uuid: uuid };
    for (const body of [named, { ...named, node_uuid: null }])
      assert.equal((await post(site, LOOKUP, body)).status, 404);
    assert.equal((await beats(site, uuid, token)).status, 202);
  });

  it('works for a node that says so, in any state, from a declared network only', async () => {
    for (const provision_state of ['available', 'active']) {
      const site = open(['10.0.0.0/24']);
      const { uuid } = await site.enrol({ macs: [MAC], driver_info: LEGACY, provision_state });
      const told = await looking(site);
      assert.equal(told.status, 200);
      assert.equal(told.body.node.uuid, uuid);
      assert.equal(told.body.heartbeat_timeout, 300);
      assert.equal((await post(site, beatPath(uuid), AGENT)).status, 202);
      assert.equal((await post(site, beatPath(uuid), AGENT, '192.168.7.7')).status, 403);
      assert.equal((await post(site, LOOKUP, { ...shown(MAC), version: '3' })).status, 400);
    }
  });

  it('is over when the word is withdrawn while a lookup is under way', async () => {
    const site = open(['10.0.0.0/24']);
    const { uuid } = await site.enrol({ macs: [MAC], driver_info: LEGACY });
    const { issue } = site.sessions;
    site.sessions.issue = async (...args) => {
      const node = await site.nodes.get(uuid);
      assert.ok(node);
      await site.nodes.replace({ ...node, driver_info: {} });
      return issue.apply(site.sessions, args);
    };
    assert.equal((await looking(site)).status, 404);
    assert.equal((await post(site, beatPath(uuid), AGENT)).status, 400);
  });
});
