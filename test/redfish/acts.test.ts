import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { serve } from '../../functions/api.ts';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { ROUTES } from '../../functions/routes.ts';
import { silentLog } from '../../infra/local/console-log.ts';
import { redfishSite } from './redfish-site.ts';

const routes = ROUTES.filter(({ api }) => api === 'operator');
const PORT = '52:54:00:00:77:01';

/** The operator API as ada, and what each call of hers adds to the history of the node. */
async function prepared(t: TestContext) {
  const site = await redfishSite((close) => t.after(close));
  await site.verified({}, { console_interface: 'no-console', raid_interface: 'agent' });
  const { uuid } = await site.node();
  const authenticate = async () => ({ user: 'ada', role: 'admin' as const });
  const api = serve(routes, operatorHandlers(site.services), { log: silentLog, authenticate });
  const events = async () =>
    (await site.nodes.events(uuid)).map(({ event, user, event_type }) => ({ event, user, event_type }));
  const call = async (method: string, path: string, body?: object) => {
    const before = (await events()).length;
    const answer = await api({
      ...{
        method,
        path: path.replace('NODE', `/v1/nodes/${uuid}`),
        rawQuery: '',
        publicUrl: 'http://o',
        sourceIp: '127.0.0.1',
      },
      headers: { 'X-OpenStack-Ironic-API-Version': '1.115' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return {
      status: answer.status,
      json: answer.body === '' ? {} : JSON.parse(answer.body),
      added: (await events()).slice(before),
    };
  };
  return { site, uuid, call };
}

type Act = [method: string, path: string, body: object | undefined, says: string];
const ACTS: Act[] = [
  ['PUT', 'NODE/management/boot_device', { boot_device: 'disk' }, 'Set the boot device (boot_device disk)'],
  ['PUT', 'NODE/states/boot_mode', { target: 'bios' }, 'Choose UEFI or BIOS (target bios)'],
  ['PUT', 'NODE/states/secure_boot', { target: true }, 'Switch secure boot (target true)'],
  ['PUT', 'NODE/management/indicators/1@system', { state: 'ON' }, 'Switch a lamp (state ON, indicator 1@system)'],
  ['PUT', 'NODE/traits', { traits: ['CUSTOM_A'] }, 'Replace all traits (traits ["CUSTOM_A"])'],
  ['PUT', 'NODE/traits/CUSTOM_X', undefined, 'Add a trait (trait CUSTOM_X)'],
  ['DELETE', 'NODE/traits/CUSTOM_X', undefined, 'Remove a trait (trait CUSTOM_X)'],
  ['DELETE', 'NODE/traits', undefined, 'Remove all traits'],
  [
    'POST',
    'NODE/vmedia',
    { device_type: 'cdrom', image_url: 'http://u:p@i/x.iso' },
    'Attach virtual media (device_type cdrom)',
  ],
  ['DELETE', 'NODE/vmedia', { device_types: ['cdrom'] }, 'Detach virtual media (device_types ["cdrom"])'],
  ['POST', 'NODE/vifs', { id: 'vif-1' }, 'Attach a VIF (id vif-1)'],
  ['DELETE', 'NODE/vifs/vif-1', undefined, 'Detach a VIF (vif vif-1)'],
  ['POST', 'NODE/vendor_passthru/eject_vmedia', {}, 'Call a vendor method (method eject_vmedia)'],
];

describe('what an operator does to a machine', () => {
  for (const [method, path, body, says] of ACTS) {
    it(`by ${method} ${path} is in the history, once, with who did it`, async (t) => {
      const { site, uuid, call } = await prepared(t);
      if (method === 'DELETE' && path.includes('/traits/'))
        await site.nodes.replace({ ...(await site.node()), traits: ['CUSTOM_X'] });
      const { status, json, added } = await call(method, path, body);
      assert.ok(status < 300, JSON.stringify(json));
      assert.deepEqual(added, [{ event: `ada: ${says}`, user: 'ada', event_type: 'acted' }], uuid);
    });
  }

  it('to its ports is in its own history, too', async (t) => {
    const { uuid, call } = await prepared(t);
    const made = await call('POST', '/v1/ports', { node_uuid: uuid, address: PORT });
    const port = `/v1/ports/${made.json.uuid}`;
    const changed = await call('PATCH', port, [{ op: 'add', path: '/extra/a', value: 1 }]);
    const removed = await call('DELETE', port);
    const said = [made, changed, removed].map(({ added }) => added.map(({ event }) => event));
    const named = `(port ${made.json.uuid})`;
    assert.deepEqual(said, [
      [`ada: Create a port (address ${PORT})`],
      [`ada: Change a port ${named}`],
      [`ada: Delete a port ${named}`],
    ]);
  });

  it('in vain, or to look, is not', async (t) => {
    const { site, call } = await prepared(t);
    for (const [method, path, body] of [
      ['GET', 'NODE/management/boot_device', undefined],
      ['GET', 'NODE/vendor_passthru/methods', undefined],
      ['PUT', 'NODE/management/boot_device', { boot_device: 'teapot' }],
      ['PUT', 'NODE/traits/custom', undefined],
      ['POST', 'NODE/vendor_passthru/teapot', {}],
    ] as const) {
      assert.deepEqual((await call(method, path, body)).added, [], path);
    }
    site.bmc.fail('unavailable');
    const refused = await call('PUT', 'NODE/management/boot_device', { boot_device: 'disk' });
    assert.deepEqual([refused.status, refused.added], [503, []]);
  });

  it('is done, and answered so, when the history cannot be written', async (t) => {
    const { site, call } = await prepared(t);
    const replace = site.nodes.replace.bind(site.nodes);
    site.nodes.replace = async (node, events) => {
      if (events?.some(({ event_type }) => event_type === 'acted')) throw new Error('no store');
      return replace(node, events);
    };
    const { status, added } = await call('PUT', 'NODE/traits/CUSTOM_X');
    assert.deepEqual([status, added], [204, []]);
    assert.deepEqual((await site.node()).traits, ['CUSTOM_X']);
  });
});
