import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { handler as reach } from '../../functions/lambda/reach.ts';
import { buildConfigDrive } from '../../shared/configdrive/config-drive.ts';
import { iso9660 } from '../../shared/configdrive/iso9660.ts';
import { keepConfigDrive } from '../../shared/configdrive/keep-config-drive.ts';
import type { JsonObject } from '../../shared/json.ts';
import type { Reach } from '../../shared/run/exchange-port.ts';
import type { ExchangeReply } from '../../shared/run/run.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';
import { readIso } from '../fakes/read-iso.ts';

const NODE = { uuid: UUID, name: 'n7' };
const MADE_AT = new Date('2026-01-01T00:00:00Z');
const PARTS: JsonObject = {
  meta_data: { hostname: 'n7.example', public_keys: { a: 'ssh-ed25519 AAAA' } },
  user_data: '#cloud-config\npassword: geheim\n',
  network_data: { links: [{ id: 'eno1' }] },
  vendor_data: { site: 'a' },
};
const opened = (drive: string) => readIso(gunzipSync(Buffer.from(drive, 'base64')));

describe('a config drive built from JSON', () => {
  const drive = opened(buildConfigDrive(PARTS, NODE, MADE_AT));

  it('is an ISO 9660 image with the label that cloud-init looks for', () => assert.equal(drive.label, 'config-2'));

  for (const names of ['rockRidge', 'joliet'] as const) {
    it(`shows its files under their real names to a reader of ${names} names`, () => {
      const files = drive[names];
      assert.deepEqual([...files.keys()].sort(), [
        ...['meta_data.json', 'network_data.json', 'user_data', 'vendor_data2.json'].map(
          (f) => `openstack/2012-08-10/${f}`,
        ),
        ...['meta_data.json', 'network_data.json', 'user_data', 'vendor_data2.json'].map(
          (f) => `openstack/latest/${f}`,
        ),
      ]);
      assert.equal(files.get('openstack/latest/user_data'), PARTS['user_data']);
      assert.deepEqual(JSON.parse(files.get('openstack/latest/network_data.json') ?? ''), PARTS['network_data']);
    });
  }

  it('has the uuid and name of the node, unless the operator gave others', () => {
    const meta = JSON.parse(drive.joliet.get('openstack/latest/meta_data.json') ?? '');
    assert.deepEqual(meta, { uuid: UUID, name: 'n7', ...(PARTS['meta_data'] as JsonObject) });
    const given = opened(buildConfigDrive({ meta_data: { uuid: 'mine' } }, NODE, MADE_AT));
    assert.equal(JSON.parse(given.joliet.get('openstack/latest/meta_data.json') ?? '').uuid, 'mine');
    assert.deepEqual([...given.joliet.keys()].sort(), [
      'openstack/2012-08-10/meta_data.json',
      'openstack/latest/meta_data.json',
    ]);
  });

  it('holds user data of any length and kind', () => {
    for (const user_data of ['', 'x', 'ä€'.repeat(10_000), { a: [1] }, ['b'], 'y'.repeat(2048)]) {
      const files = opened(buildConfigDrive({ user_data }, NODE, MADE_AT)).rockRidge;
      const expected =
        user_data === '' ? undefined : typeof user_data === 'string' ? user_data : JSON.stringify(user_data);
      assert.equal(files.get('openstack/latest/user_data'), expected);
    }
  });

  it('is not made of a folder that does not fit', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`file-number-${at}`, Buffer.from('x')]));
    assert.throws(() => iso9660('config-2', many, MADE_AT), RangeError);
  });
});

describe('a deploy with a config drive', () => {
  async function deployed(given: string | JsonObject) {
    const site = await DeploymentSite.present();
    const node = await site.node();
    const configdrive = await keepConfigDrive(given, node, { documents: site.documents, madeAt: MADE_AT });
    await site.nodes.replace({ ...node, instance_info: { ...node.instance_info, configdrive } });
    await site.start();
    const ended = await site.untilEnded();
    const step = site.agent.given.find(
      ({ params }) => (params['step'] as JsonObject | undefined)?.['step'] === 'write_image',
    );
    const args = (step?.params['step'] as JsonObject | undefined)?.['args'] as JsonObject | undefined;
    return { site, ended, sent: args?.['configdrive'] };
  }

  it('hands the agent base64 of gzip, and keeps it out of row, history and workflow', async () => {
    const { site, ended, sent } = await deployed(PARTS);
    assert.equal(ended.provision_state, 'active');
    assert.equal(opened(String(sent)).joliet.get('openstack/latest/user_data'), PARTS['user_data']);
    const seen = JSON.stringify([ended, await site.nodes.events(UUID), site.workflow.executions]);
    assert.ok(!seen.includes(String(sent)));
    assert.doesNotMatch(seen, /geheim/);
  });

  it('hands on a drive that was given ready-made, and a URL as it is', async () => {
    const ready = buildConfigDrive(PARTS, NODE, MADE_AT);
    assert.equal((await deployed(ready)).sent, ready);
    assert.equal((await deployed('http://10.0.0.1/drive')).sent, 'http://10.0.0.1/drive');
  });

  it('whose document is gone fails with what to do, and does not write without it', async () => {
    const site = await DeploymentSite.present();
    const node = await site.node();
    const configdrive = `nodeless-document:configdrives/${UUID}/gone`;
    await site.nodes.replace({ ...node, instance_info: { ...node.instance_info, configdrive } });
    await site.start();
    const ended = await site.untilEnded();
    assert.equal(ended.provision_state, 'deploy failed');
    assert.match(ended.last_error ?? '', /config drive is not there any more: it has to be given again/);
  });

  it('cannot name the drive of another node', async () => {
    const site = await DeploymentSite.present();
    const key = 'configdrives/00000000-0000-4000-8000-000000000000/x';
    await site.documents.put(key, Buffer.from('secret'), 'text/plain');
    const node = await site.node();
    const instance_info = { ...node.instance_info, configdrive: `nodeless-document:${key}` };
    await site.nodes.replace({ ...node, instance_info });
    await site.start();
    assert.match((await site.untilEnded()).last_error ?? '', /of another node/);
  });
});

describe('an agent that repeats the config drive in every list', () => {
  type AgentAnswer = Reach['agent'];
  const DRIVE = 'QUJD'.repeat(512 * 1024);
  const asksFor = { interface: 'deploy', step: 'erase_devices_metadata', priority: 70 };

  /** An agent's HTTP, as the function that reaches machines asks it. */
  async function asked(t: TestContext, answer: (body: string, url: string) => Promise<string>): Promise<AgentAnswer> {
    const server = createServer(async (request, response) => {
      const body: Buffer[] = [];
      for await (const part of request) body.push(part as Buffer);
      response.end(await answer(Buffer.concat(body).toString(), request.url ?? ''));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    t.after(() => server.close());
    const callbackUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return async ({ certificate: _, ...exchange }) =>
      (await reach({ to: 'agent', exchange: { ...exchange, callbackUrl } }, {} as Context)) as ExchangeReply;
  }

  /** The simulated agent behind HTTP. */
  async function overHttp(t: TestContext, site: DeploymentSite): Promise<{ longest: () => number }> {
    let longest = 0;
    const inside = site.agent.agent.bind(site.agent);
    site.agent.agent = await asked(t, async (body, url) => {
      const request = body
        ? { command: 'run' as const, ...JSON.parse(body), wait: url.includes('wait=true') }
        : { command: 'list' as const };
      const reply = await inside({ callbackUrl: '', timeoutSeconds: 1, request });
      const text = JSON.stringify(reply.kind === 'command' ? reply.command : reply);
      if (!body) longest = Math.max(longest, text.length);
      return text;
    });
    return { longest: () => longest };
  }

  it('is deployed again and again on one boot, and nobody but the agent sees the drive', async (t) => {
    const site = await DeploymentSite.present();
    const key = `configdrives/${UUID}/large`;
    await site.documents.put(key, Buffer.from(DRIVE), 'text/plain');
    const { instance_info, ...node } = await site.node();
    await site.nodes.replace({ ...node, instance_info: { ...instance_info, configdrive: `nodeless-document:${key}` } });
    site.configuration.agentLogs = 'never';
    site.agent.failing = { erase_devices_metadata: 'a disk is broken' };
    const { longest } = await overHttp(t, site);
    for (let times = 0; times < 2; times += 1) {
      await site.start('active', 'deploy', { deploySteps: [asksFor] });
      assert.match((await site.untilEnded()).last_error ?? '', /erase_devices_metadata failed: a disk is broken/);
    }
    site.agent.failing = {};
    await site.start('active', 'deploy', { deploySteps: [asksFor] });
    const ended = await site.untilEnded();
    assert.equal(ended.last_error, null);
    assert.equal(ended.provision_state, 'active');
    assert.ok(!(await site.events()).includes('deploy: rebooting begins'), 'on one boot');
    assert.ok(longest() > 3 * DRIVE.length, 'or the agent repeats nothing');
    assert.equal(site.agent.given.filter((one) => JSON.stringify(one).includes(DRIVE)).length, 3);
    assert.ok(!JSON.stringify([ended, await site.nodes.events(UUID)]).includes('QUJDQUJD'));
  });

  it('may repeat more of them than anybody could hold, and the logs of the ramdisk', async (t) => {
    const command = (id: string, more: JsonObject) => ({ id, command_name: 'c', command_status: 'SUCCEEDED', ...more });
    const commands = [
      // Agents before 8.0 tell what they were given, too.
      ...Array.from({ length: 18 }, (_, at) => command(`${at}`, { command_params: { configdrive: DRIVE } })),
      command('logs', { command_result: { system_logs: DRIVE } }),
      command('last', { command_result: { 'root uuid': 'r', long: 'x'.repeat(2000) } }),
    ];
    const ask = await asked(t, async () => JSON.stringify({ commands }));
    const reply = await ask({ callbackUrl: '', timeoutSeconds: 30, request: { command: 'list' } });
    assert.equal(reply.kind === 'commands' && reply.commands.length, commands.length);
    const last = reply.kind === 'commands' ? reply.commands.at(-1) : undefined;
    assert.deepEqual([last?.id, last?.command_result], ['last', { 'root uuid': 'r', long: 'x'.repeat(2000) }]);
    assert.ok(JSON.stringify(reply).length < 100_000);
  });

  it('and floods us with what cannot be shortened is told of as what it is', async (t) => {
    const commands = Array.from({ length: 60_000 }, (_, at) => ({ id: `${at}`, command_name: 'c'.repeat(60) }));
    const ask = await asked(t, async () => JSON.stringify({ commands }));
    const reply = await ask({ callbackUrl: '', timeoutSeconds: 30, request: { command: 'list' } });
    assert.deepEqual(reply, { kind: 'unreachable', message: 'the reply is too large' });
  });
});
