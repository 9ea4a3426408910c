import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildConfigDrive } from '../../shared/configdrive/config-drive.ts';
import { iso9660 } from '../../shared/configdrive/iso9660.ts';
import { keepConfigDrive } from '../../shared/configdrive/keep-config-drive.ts';
import type { JsonObject } from '../../shared/json.ts';
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
