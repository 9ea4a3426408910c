import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Unavailable } from '../../shared/errors.ts';
import type { Submission } from '../../shared/inbox/submission.ts';
import type { Run } from '../../shared/run/run.ts';
import { AgentSite, type Told } from '../fakes/agent-site.ts';

const MAC = '52:54:00:00:00:01';
const OTHER = '52:54:00:00:00:02';
const STRANGER = '52:54:00:00:00:99';
const CALLBACK = 'https://10.0.0.5:9999';
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

const lookupOf = (site: AgentSite, mac = MAC, more = '') =>
  site.call('GET', `/v1/lookup?addresses=${encodeURIComponent(mac)}${more}`, { minor: 62 });
const beatBody = (token: unknown, given: object = {}) => ({
  callback_url: CALLBACK,
  agent_token: token,
  agent_version: '13.0.0',
  agent_verify_ca: PEM,
  ...given,
});
const fault = (told: Told): string =>
  JSON.parse(told.body.error_message).faultstring ?? JSON.parse(told.body.error_message).description;
const inventory = (macs: string[], serial?: string) => ({
  interfaces: macs.map((mac_address, i) => ({ name: `eno${i}`, mac_address })),
  ...(serial ? { system_vendor: { serial_number: serial, product_name: 'R1', manufacturer: 'Example' } } : {}),
});

/** A run in the middle of a step of the agent. */
const AT_WORK: Run = {
  id: 'run-1',
  sequence: 1,
  flow: 'deploy',
  attempt: 1,
  wakes: 0,
  phases: [{ kind: 'step', of: 'deploy', step: { interface: 'deploy', step: 'write_image', args: {} } }],
  enteredAt: 0,
  cursor: 0,
  stage: 'waiting',
  tries: 0,
  lastCommandId: null,
  commandId: 'command-1',
  generation: 1,
  present: true,
  waiting: null,
  stepDeadline: null,
  memory: {},
  abort: null,
  ended: null,
  startedAt: '2026-01-01T00:00:00.000000+00:00',
};

describe('lookup', () => {
  it('gives the machine of a known MAC its id and a token, whatever the case of the MAC', async () => {
    const site = new AgentSite();
    const node = await site.enrol({ macs: [MAC] });
    const told = await lookupOf(site, MAC.toUpperCase());
    assert.equal(told.status, 200);
    assert.equal(told.body.node.uuid, node.uuid);
    assert.equal(told.body.config.agent_token.length, 43);
    assert.deepEqual(told.body.node.instance_info, {});
    assert.equal(told.body.config.heartbeat_timeout, 300);
  });

  for (const allowed of [false, true]) {
    it(`tells the agent ${allowed ? 'to take an MD5 checksum, where an operator allowed it' : 'to take no MD5 checksum'}`, async () => {
      const site = new AgentSite();
      if (allowed) site.configuration.allowMd5Checksum = true;
      await site.enrol({ macs: [MAC] });
      assert.equal((await lookupOf(site)).body.config.agent_md5_checksum_enable, allowed);
    });
  }

  it('finds a machine by serial number, system UUID and asset tag too', async () => {
    const site = new AgentSite();
    const systemUuid = '4c4c4544-0042-3510-8050-b9c04f4d4d32';
    const node = await site.enrol({
      properties: { serial_number: 'ABC1234', system_uuid: systemUuid, asset_tag: 'rack1-u7' },
    });
    assert.equal((await site.call('GET', '/v1/lookup?serial=abc1234')).body.node.uuid, node.uuid);
    assert.equal((await site.call('GET', `/v1/lookup?uuid=${systemUuid.toUpperCase()}`)).body.node.uuid, node.uuid);
    const posted = await site.call('POST', '/v1/lookup', { body: { inventory: inventory([STRANGER], 'ABC1234') } });
    assert.equal(posted.body.node.uuid, node.uuid);
  });

  it('repeats the same token until the first beat, so that a lost answer strands nobody', async () => {
    const site = new AgentSite();
    await site.enrol({ macs: [MAC] });
    const first = await lookupOf(site);
    const second = await lookupOf(site);
    assert.equal(second.body.config.agent_token, first.body.config.agent_token);
  });

  it('answers 409 while the session beats, and gives a new token when it is silent; the old one is dead', async () => {
    const site = new AgentSite();
    const { uuid } = await site.enrol({ macs: [MAC] });
    const first = (await lookupOf(site)).body.config.agent_token;
    assert.equal((await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(first) })).status, 202);
    assert.equal((await lookupOf(site)).status, 409);
    site.time += 300_000;
    assert.equal((await lookupOf(site)).status, 409, 'the told interval is not over');
    site.time += 1;
    const second = (await lookupOf(site)).body.config.agent_token;
    assert.notEqual(second, first);
    assert.equal((await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(first) })).status, 400);
    assert.equal((await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(second) })).status, 202);
  });

  it('masks the token of a machine at work that reads its node again; one that posted an inventory restarted: 409', async () => {
    const site = new AgentSite();
    const { uuid } = await site.enrol({ macs: [MAC], provision_state: 'wait call-back', run: AT_WORK });
    const named = `&node_uuid=${uuid}`;
    const { agent_token: token, heartbeat_timeout: told } = (await lookupOf(site, MAC, named)).body.config;
    await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    assert.equal((await lookupOf(site, MAC, named)).body.config.agent_token, '******');
    site.time += 1000;
    await site.call('POST', '/v1/continue_inspection', { body: { inventory: inventory([MAC]) } });
    // The mask would strand an agent without a token for good; a 409 brings it back when the old session is silent.
    assert.equal((await lookupOf(site, MAC, named)).status, 409);
    site.time += told * 1000 - 1000;
    assert.equal((await lookupOf(site, MAC, named)).status, 409, 'the told interval is not over');
    site.time += 1;
    const anew = (await lookupOf(site, MAC, named)).body.config.agent_token;
    assert.ok(anew !== token && anew.length === 43);
  });

  it('believes a beat more than an inventory that anybody may post for the machine', async () => {
    const site = new AgentSite();
    const { uuid } = await site.enrol({ macs: [MAC], provision_state: 'wait call-back', run: AT_WORK });
    const { agent_token: token } = (await lookupOf(site)).body.config;
    const beat = () => site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    await beat();
    site.time += 1000;
    await site.call('POST', '/v1/continue_inspection', { body: { inventory: inventory([MAC]) } });
    site.time += 1000;
    await beat();
    assert.equal((await lookupOf(site, MAC, `&node_uuid=${uuid}`)).body.config.agent_token, '******');
  });

  it('says the same 404 to strangers, to machines in another state and to contradictions', async () => {
    const site = new AgentSite();
    await site.enrol({ macs: [MAC], provision_state: 'active' });
    await site.enrol({ macs: [OTHER], properties: { serial_number: 'other-serial' } });
    await site.enrol({ properties: { serial_number: 'serial-of-c' } });
    const answers = [
      await lookupOf(site, STRANGER),
      await lookupOf(site, MAC),
      await lookupOf(site, OTHER, '&serial=serial-of-c'),
      await lookupOf(site, `${MAC},${OTHER}`),
      await lookupOf(site, STRANGER, '&node_uuid=6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11'),
    ];
    assert.deepEqual(
      answers.map(({ status }) => status),
      answers.map(() => 404),
    );
    assert.equal(new Set(answers.map(({ body }) => body.error_message)).size, 1);
  });

  it('does not give a node to a machine that names its id and shows none of its MACs', async () => {
    const site = new AgentSite();
    const node = await site.enrol({ macs: [MAC] });
    const bare = await site.enrol();
    assert.equal((await lookupOf(site, STRANGER, `&node_uuid=${bare.uuid}`)).status, 404, 'a node without MACs');
    assert.equal((await lookupOf(site, STRANGER, `&node_uuid=${node.uuid}`)).status, 404);
    assert.equal((await lookupOf(site, MAC, `&node_uuid=${node.uuid}`)).status, 200);
  });

  it('never gives the token of A to the machine of B when the index still says A', async () => {
    const site = new AgentSite();
    const a = await site.enrol({ macs: [MAC] });
    const b = await site.enrol();
    site.tables.faults.indexLag = true;
    const [port] = await site.ports.list();
    assert.ok(port);
    await site.ports.remove(port);
    await site.ports.create({ ...port, node_uuid: b.uuid });
    const told = await lookupOf(site);
    assert.equal(told.body.node.uuid, b.uuid);
    assert.notEqual(told.body.node.uuid, a.uuid);
  });

  it('enrols a stranger once, however many of its requests race', async () => {
    const site = new AgentSite();
    site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
    const told = await Promise.all(Array.from({ length: 64 }, () => lookupOf(site, STRANGER)));
    assert.deepEqual([...new Set(told.map(({ status }) => status))], [200]);
    assert.equal(new Set(told.map(({ body }) => body.node.uuid)).size, 1);
    assert.equal(new Set(told.map(({ body }) => body.config.agent_token)).size, 1);
    assert.equal((await site.nodes.list()).length, 1);
  });

  it('holds a stranger with its evidence when policy says so, and enrols nothing', async () => {
    const site = new AgentSite();
    assert.equal((await lookupOf(site, STRANGER)).status, 404);
    assert.deepEqual(await site.nodes.list(), []);
    const [kept] = await site.resources.list<Submission>('submission');
    assert.deepEqual([kept?.state, kept?.reason], ['held', 'enrollment.unknown is hold']);
    assert.match(JSON.stringify(kept?.evidence), /52:54:00:00:00:99/);
  });

  it('says 503 with Retry-After when it could not look, and enrols nothing', async () => {
    for (const operation of ['identity.candidates', 'identity.claims', 'nodes.create']) {
      const site = new AgentSite();
      site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
      site.tables.faults.fail(operation);
      const told = await lookupOf(site, STRANGER);
      assert.equal(told.status, 503, operation);
      assert.ok(Number(told.headers['Retry-After']) > 0);
      assert.deepEqual(await site.nodes.list(), []);
    }
  });

  it('gives no token below 1.62 and nothing at all below 1.22', async () => {
    const site = new AgentSite();
    await site.enrol({ macs: [MAC] });
    const old = await site.call('GET', `/v1/lookup?addresses=${MAC}`, { minor: 31 });
    assert.equal(old.body.config.agent_token, null);
    assert.equal((await site.call('GET', `/v1/lookup?addresses=${MAC}`, { minor: null })).status, 404);
  });
});

describe('heartbeat', () => {
  async function looked(): Promise<{ site: AgentSite; uuid: string; token: string }> {
    const site = new AgentSite();
    const { uuid } = await site.enrol({ macs: [MAC] });
    return { site, uuid, token: (await lookupOf(site)).body.config.agent_token };
  }

  it('is answered 202 with an empty body and no content type', async () => {
    const { site, uuid, token } = await looked();
    const told = await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    assert.equal(told.status, 202);
    assert.equal(told.body, undefined);
    assert.equal(told.headers['Content-Type'], undefined);
    assert.equal((await site.sessions.get(uuid))?.beats !== 0, true);
  });

  it('refuses what is not this boot of this node, and stores nothing', async () => {
    const { site, uuid, token } = await looked();
    const other = await site.enrol({ macs: [OTHER] });
    const othersToken = (await lookupOf(site, OTHER)).body.config.agent_token;
    await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    const before = await site.sessions.get(uuid);
    const refused: [string, unknown, number][] = [
      [uuid, beatBody(othersToken), 400],
      [uuid, beatBody(null), 400],
      [uuid, beatBody(''), 400],
      [uuid, beatBody('x'.repeat(300)), 400],
      [uuid, beatBody(7), 400],
      [uuid, beatBody(token, { callback_url: 'https://10.0.0.6:9999' }), 400],
      [uuid, beatBody(token, { agent_verify_ca: 'other' }), 400],
      [uuid, beatBody(token, { surprise: 1 }), 400],
      [uuid, { agent_token: token }, 400],
      [uuid, beatBody(token, { agent_version: undefined }), 400],
      [uuid, beatBody(token, { agent_version: null, agent_status: 'end' }), 400],
      ['6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11', { agent_token: token }, 400],
      ['a-name', beatBody(token), 400],
      [uuid, [], 400],
      [other.uuid, beatBody(token), 400],
      ['6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11', beatBody(token), 404],
      ['not-a-uuid', beatBody(token), 400],
    ];
    for (const [node, body, status] of refused) {
      const told = await site.call('POST', `/v1/heartbeat/${node}`, { body });
      assert.equal(told.status, status, JSON.stringify(body));
      assert.equal(typeof fault(told), 'string');
    }
    assert.deepEqual(await site.sessions.get(uuid), before);
  });

  it('refuses callback URLs outside of the declared networks in every spelling', async () => {
    const { site, uuid, token } = await looked();
    const corpus = [
      'https://169.254.169.254:9999',
      'https://[fd00:ec2::254]:9999',
      'https://[fe80::1]:9999',
      'https://8.8.8.8:9999',
      'https://127.0.0.1:9999',
      'https://[::1]:9999',
      'https://[::ffff:10.0.0.5]:9999',
      'https://[::ffff:a00:5]:9999',
      'https://0x0a000005:9999',
      'https://167772165:9999',
      'https://10.5:9999',
      'https://010.0.0.5:9999',
      'https://agent.example.net:9999',
      'https://localhost:9999',
      'https://user:word@10.0.0.5:9999',
      'https://10.0.0.5:9999/path',
      'https://10.0.0.5:9999?x=1',
      'https://10.0.0.5:9999#x',
      'https://10.0.0.5:99999',
      'https://10.0.0.5:0',
      'http://10.0.0.5:9999',
      'ftp://10.0.0.5',
      'file:///etc/passwd',
      'https://0.0.0.0:9999',
      'https://10.0.0.5\\@8.8.8.8',
      'https://10.0.0.5:9999\n',
      ' https://10.0.0.5:9999',
      'https://[64:ff9b::a9fe:a9fe]',
      'https://[64:ff9b:1::a9fe:a9fe]',
      'https://[::ffff:0:a9fe:a9fe]',
      'https://[::ffff:0:a00:5]',
      'https://[::a00:5]',
      'https://[2001:0:a9fe:a9fe::1]',
      'https://224.0.0.1:9999',
      'https://100.100.100.200',
      'https://[2002:a9fe:a9fe::]',
      'https://１０.0.0.5:9999',
      '',
    ];
    for (const callback_url of corpus) {
      const told = await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token, { callback_url }) });
      assert.equal(told.status, 400, callback_url);
    }
    const session = await site.sessions.get(uuid);
    assert.equal(session?.bootFingerprint, undefined);
    assert.equal((await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) })).status, 202);
  });

  it('is a 503, never a 202, when it was not stored or the waiting run could not be told', async () => {
    const { site, uuid, token } = await looked();
    await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    site.tables.faults.fail('sessions.beat');
    const told = await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    assert.equal(told.status, 503);
    assert.ok(told.headers['Retry-After']);
    const { beats, generation } = (await site.sessions.get(uuid)) ?? assert.fail('no session');
    await site.sessions.arm(uuid, { taskToken: 'task', armedBy: 1, beats, generation });
    const heard: string[] = [];
    site.workflow.succeed = async (taskToken) => {
      heard.push(taskToken);
      if (heard.length === 1) throw new Unavailable('The workflow could not be asked to continue the run', 5);
      return 'delivered';
    };
    const untold = await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    assert.deepEqual([untold.status, untold.headers['Retry-After']], [503, '5']);
    assert.equal((await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) })).status, 202);
    assert.deepEqual(heard, ['task', 'task']);
    assert.equal(site.logged.at(-1)?.fields?.decision, 'continued');
  });
});

describe('inspection', () => {
  it('answers 200 with the uuid of a node in any state, and learns MACs when the serial matched', async () => {
    const site = new AgentSite();
    const node = await site.enrol({ properties: { serial_number: 'ABC1234' }, provision_state: 'active' });
    const told = await site.call('POST', '/v1/continue_inspection', {
      body: { inventory: inventory([MAC, OTHER], 'ABC1234'), logs: 'aGVsbG8=', error: null },
      minor: null,
    });
    assert.equal(told.status, 200);
    assert.deepEqual(told.body, { uuid: node.uuid });
    assert.deepEqual((await site.nodes.get(node.uuid))?.macs.toSorted(), [MAC, OTHER]);
    assert.equal(new TextDecoder().decode(await site.documents.get(`logs/${node.uuid}/inspection.tar.gz`)), 'hello');
  });

  it('does not give a node with MACs to a machine that shows only its serial number', async () => {
    const site = new AgentSite();
    const node = await site.enrol({ macs: [MAC], properties: { serial_number: 'ABC1234' } });
    const body = { inventory: inventory([STRANGER], 'ABC1234') };
    assert.equal((await site.call('POST', '/v1/continue_inspection', { body })).status, 404);
    assert.deepEqual((await site.nodes.get(node.uuid))?.macs, [MAC]);
    assert.equal((await lookupOf(site, STRANGER)).status, 404);
    const swapped = { inventory: inventory([MAC, OTHER], 'ABC1234') };
    assert.equal((await site.call('POST', '/v1/continue_inspection', { body: swapped })).status, 200);
  });

  it('learns 64 MACs and not one more', async () => {
    const site = new AgentSite();
    // A serial number is enough to learn by, here.
    site.configuration.matching = { preset: 'nodeless', threshold: 50 };
    const node = await site.enrol({ properties: { serial_number: 'ABC1234' } });
    const macs = Array.from({ length: 64 }, (_, i) => `52:54:00:00:02:${(i + 16).toString(16)}`);
    const post = (given: string[]) =>
      site.call('POST', '/v1/continue_inspection', { body: { inventory: inventory(given, 'ABC1234') } });
    assert.equal((await post(macs)).status, 200);
    assert.equal((await post([...macs.slice(1), STRANGER])).status, 404);
    assert.equal((await site.nodes.get(node.uuid))?.macs.length, 64);
  });

  it('does not take a MAC away from another node: a person decides', async () => {
    const site = new AgentSite();
    await site.enrol({ macs: [MAC] });
    const b = await site.enrol({ properties: { serial_number: 'ABC1234' } });
    const told = await site.call('POST', '/v1/continue_inspection', {
      body: { inventory: inventory([MAC], 'ABC1234') },
    });
    assert.equal(told.status, 404);
    assert.deepEqual((await site.nodes.get(b.uuid))?.macs, []);
  });
});

describe('an inventory with odd values is one of a stranger, not an error of ours', () => {
  const interfaces = '"interfaces": [{"mac_address": "52:54:00:00:0a:01"}]';
  const cases: [string, string][] = [
    [
      'objects for texts',
      `{"inventory": {${interfaces}}, "data": [[{"toString": 1, "valueOf": 1}, "product", "serial", "x"]]}`,
    ],
    [
      'numbers beyond a double',
      `{"inventory": {${interfaces}, "cpu": {"count": 1e400}, "memory": {"physical_mb": 1e308}}}`,
    ],
    ['half a surrogate pair', `{"inventory": {${interfaces}, "system_vendor": {"serial_number": "a\\ud800b"}}}`],
  ];
  for (const [what, body] of cases) {
    it(what, async () => {
      const site = new AgentSite();
      site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
      assert.equal((await site.call('POST', '/v1/continue_inspection', { body })).status, 200);
      const [node] = await site.nodes.list();
      assert.ok(node && JSON.stringify(node).isWellFormed());
      for (const fact of ['cpus', 'memory_mb']) assert.equal(node.properties[fact], undefined);
      assert.doesNotMatch(JSON.stringify(node), /\\ud800/);
    });
  }
});

describe('bad input gets a clear 4xx, and nothing is stored or logged of it', () => {
  const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
  const cases: [string, string, string, unknown, number][] = [
    ['malformed JSON', 'POST', '/v1/continue_inspection', '{"inventory": ', 400],
    ['no JSON object', 'POST', '/v1/continue_inspection', '[]', 400],
    ['null', 'POST', '/v1/continue_inspection', 'null', 400],
    ['a depth of 1000', 'POST', '/v1/continue_inspection', `{"inventory": ${deep}}`, 400],
    ['__proto__', 'POST', '/v1/lookup', '{"__proto__": {"x": 1}, "inventory": {"interfaces": []}}', 400],
    ['a wrong type', 'POST', '/v1/lookup', { inventory: { interfaces: 'eno1' } }, 400],
    [
      '65 MACs in a query',
      'GET',
      `/v1/lookup?addresses=${Array.from({ length: 65 }, (_, i) => `52:54:00:00:01:${(i + 16).toString(16)}`)}`,
      undefined,
      400,
    ],
    [
      '65 MACs in an inventory',
      'POST',
      '/v1/lookup',
      { inventory: inventory(Array.from({ length: 65 }, (_, i) => `52:54:00:00:01:${(i + 16).toString(16)}`)) },
      400,
    ],
    [
      '1 MiB of lookup',
      'POST',
      '/v1/lookup',
      { inventory: inventory([STRANGER]), filler: 'canary'.repeat(180_000) },
      413,
    ],
    [
      '5 MiB of inspection',
      'POST',
      '/v1/continue_inspection',
      { inventory: inventory([STRANGER]), logs: 'canary'.repeat(900_000) },
      413,
    ],
    ['an unknown argument', 'GET', `/v1/lookup?addresses=${STRANGER}&canary=1`, undefined, 400],
    ['no evidence', 'GET', '/v1/lookup?addresses=', undefined, 400],
    ['a node id that is none', 'GET', '/v1/lookup?node_uuid=canary', undefined, 400],
    ['an unknown path', 'GET', '/v1/nodes', undefined, 404],
    ['a wrong method', 'DELETE', '/v1/lookup', undefined, 405],
  ];
  for (const [what, method, target, body, status] of cases) {
    it(`${what}: ${status}`, async () => {
      const site = new AgentSite();
      site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
      const told = await site.call(method, target, { body });
      assert.equal(told.status, status);
      assert.doesNotMatch(JSON.stringify(told.body), /\bat .*\.ts|canary canary/);
      assert.deepEqual(await site.nodes.list(), []);
      assert.doesNotMatch(JSON.stringify(site.logged), /canary/);
    });
  }

  it('no log line holds a token', async () => {
    const site = new AgentSite();
    const { uuid } = await site.enrol({ macs: [MAC] });
    const token = (await lookupOf(site)).body.config.agent_token;
    await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(token) });
    await site.call('POST', `/v1/heartbeat/${uuid}`, { body: beatBody(`${token}x`) });
    assert.ok(site.logged.length >= 3);
    assert.ok(!JSON.stringify(site.logged).includes(token));
  });
});

describe('the bound on enrolments', () => {
  it('answers 503 to more strangers a minute than allowed, and lets them in later', async () => {
    const site = new AgentSite();
    site.configuration.enrollment = { ...site.configuration.enrollment, unknown: 'enroll' };
    site.configuration.limits = { ...site.configuration.limits, enrolmentsPerMinute: 2 };
    const macs = [MAC, OTHER, STRANGER];
    const statuses: number[] = [];
    for (const mac of macs) statuses.push((await lookupOf(site, mac)).status);
    assert.deepEqual(statuses, [200, 200, 503]);
    site.time += 61_000;
    assert.equal((await lookupOf(site, STRANGER)).status, 200);
  });
});
