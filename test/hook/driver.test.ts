import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULTS } from '../../shared/configuration.ts';
import { askHookDriver } from '../../shared/drivers/hook/hook-driver.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { syncPower } from '../../shared/drivers/sync-power.ts';
import { validateInterfaces } from '../../shared/drivers/validate-interfaces.ts';
import { managementRequest, powerRequest } from '../../shared/hook/driver-hook.ts';
import type { HookCall, HookReply } from '../../shared/hook/hook-port.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';
import type { ExchangeReply, Run } from '../../shared/run/run.ts';

const LOOK = { to: 'driver', action: 'power-state' } as const;
const ON = { to: 'driver', action: 'set-power', target: 'power on' } as const;
const PXE = { to: 'driver', action: 'set-boot-device', device: 'pxe', persistent: false } as const;
const RUN = { id: 'n-deploy-1', cursor: 4, attempt: 1, wakes: 7, tries: 0, ended: null } as unknown as Run;

function node(differs: Partial<Node> = {}): Node {
  return newNode({
    uuid: '6f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e11',
    driver: 'hook',
    created_at: '2026-11-23T00:00:00.000000+00:00',
    interfaces: defaultInterfaces('hook'),
    driver_info: { hook: 'pdu', outlet: 7, pdu_password: '******' },
    secret_keys: ['pdu_password'],
    ...differs,
  });
}

/** What becomes of a reply, and what was asked. */
async function asked(of: Node, request: typeof LOOK | typeof ON | typeof PXE, reply: HookReply) {
  const calls: HookCall[] = [];
  const hooks = {
    call: async (call: HookCall) => {
      calls.push(call);
      return reply;
    },
  };
  const answer = await askHookDriver(hooks, of, request, { uuid: () => 'a-uuid' });
  return { answer, calls };
}
const answered = (body: object | null): HookReply => ({ kind: 'answered', body: body as never });
const failed = (because: Extract<HookReply, { kind: 'failed' }>['because']): HookReply => ({
  kind: 'failed',
  because,
  message: 'why',
});

describe('a driver that is a hook', () => {
  const table: [what: string, typeof LOOK | typeof ON | typeof PXE, HookReply, ExchangeReply][] = [
    ['a state', LOOK, answered({ power_state: 'power on' }), { kind: 'power', state: 'power on' }],
    ['no idea', LOOK, answered({ power_state: null }), { kind: 'power', state: null }],
    ['accepted', ON, answered({ accepted: true }), { kind: 'accepted' }],
    ['a boot device', PXE, answered({ accepted: true }), { kind: 'accepted' }],
    ['cannot', ON, answered({ unsupported: 'no cable' }), { kind: 'unsupported', message: 'hook pdu: no cable' }],
    [
      'a refusal',
      ON,
      { kind: 'refused', status: 409, message: 'locked' },
      { kind: 'refused', status: 409, message: 'hook pdu: locked' },
    ],
    ['trouble', ON, { kind: 'refused', status: 500, message: 'oh' }, { kind: 'unreachable', message: 'hook pdu: oh' }],
    [
      'too often',
      ON,
      { kind: 'refused', status: 429, message: 'oh' },
      { kind: 'unreachable', message: 'hook pdu: oh' },
    ],
    ['silence', ON, failed('time-out'), { kind: 'unreachable', message: 'hook pdu: why' }],
    ['HTML', ON, failed('not-json'), { kind: 'refused', status: 502, message: 'hook pdu: why' }],
    ['nobody', ON, failed('unknown-hook'), { kind: 'refused', status: 502, message: 'hook pdu: why' }],
  ];
  for (const [what, request, reply, becomes] of table) {
    it(`that answers with ${what}: ${becomes.kind}`, async () => {
      assert.deepEqual((await asked(node(), request, reply)).answer, becomes);
    });
  }

  it('that answers with another shape has answered nothing', async () => {
    for (const body of [null, {}, { power_state: 'on' }, { accepted: 'yes' }, [], { unsupported: '' }]) {
      const { answer } = await asked(node(), ON, answered(body));
      assert.equal(answer.kind, 'refused', JSON.stringify(body));
    }
    // A power state is no answer to a boot device.
    assert.equal((await asked(node(), PXE, answered({ power_state: 'power on' }))).answer.kind, 'refused');
  });

  it('is asked by the schemas, and told no secret', async () => {
    const { calls } = await asked(node(), ON, answered({ accepted: true }));
    assert.ok(powerRequest.safeParse(calls[0]?.body).success);
    assert.ok(!JSON.stringify(calls).includes('pdu_password'));
    const { calls: more } = await asked(node(), PXE, answered({ accepted: true }));
    assert.ok(managementRequest.safeParse(more[0]?.body).success);
  });

  it('hears one key for one wish of a run, however often it is said, and a new one for each look', async () => {
    const key = async (run: Partial<Run>, request: typeof LOOK | typeof ON) =>
      (await asked(node({ run: { ...RUN, ...run } }), request, answered({ accepted: true }))).calls[0]?.idempotencyKey;
    assert.equal(await key({}, ON), await key({ tries: 3, wakes: 9, attempt: 2 }, ON));
    assert.notEqual(await key({}, ON), await key({ cursor: 5 }, ON));
    assert.notEqual(await key({}, ON), await key({ id: 'n-deploy-2' }, ON));
    assert.equal(await key({}, LOOK), await key({}, LOOK));
    assert.notEqual(await key({}, LOOK), await key({ tries: 1 }, LOOK));
  });

  it('needs its name in driver_info, and validate says so', async () => {
    const nameless = node({ driver_info: {} });
    const { answer, calls } = await asked(nameless, ON, answered({ accepted: true }));
    assert.equal(answer.kind, 'refused');
    assert.deepEqual(calls, []);
    const { power, management } = validateInterfaces(nameless, DEFAULTS);
    assert.deepEqual([power?.result, management?.result], [false, false]);
    assert.match(String(power?.reason), /driver_info\/hook/);
    assert.equal(validateInterfaces(node(), DEFAULTS).power?.result, true);
  });

  it('is not asked for a boot device where another interface manages it', async () => {
    const interfaces = { ...defaultInterfaces('hook'), management_interface: 'noop' };
    const { answer, calls } = await asked(node({ interfaces }), PXE, answered({}));
    assert.deepEqual([answer, calls], [{ kind: 'accepted' }, []]);
  });

  it('is compared with what is recorded, as a BMC is', async () => {
    const resting = node({ provision_state: 'available', power_state: 'power off' });
    const swept = async (from: Node, reply: HookReply) => {
      let row = from;
      const events: string[] = [];
      const hooks = { call: async () => reply };
      const result = await syncPower(
        [from],
        { from: 0, to: 60_000, everySeconds: 60 },
        {
          nodes: {
            replace: async (changed, told = []) => {
              events.push(...told.map(({ event }) => event));
              row = changed;
              return changed;
            },
          },
          bmcs: {
            exchange: (of, request) => askHookDriver(hooks, of, request as typeof LOOK, { uuid: () => 'a-uuid' }),
          },
          clock: { now: () => 60_000 },
          log: { info: () => {}, warn: () => {}, error: () => {} },
        },
      );
      return { row, events, result };
    };
    const on = await swept(resting, answered({ power_state: 'power on' }));
    assert.deepEqual(on.events, ['The hook pdu says power on, recorded was power off']);
    assert.equal(on.row.power_state, 'power on');
    for (const reply of [answered({ power_state: null }), answered({ unsupported: 'it cannot be read' })]) {
      const { row, result } = await swept(resting, reply);
      assert.deepEqual([row, result.asked], [resting, 1], 'asked, and nothing is written');
    }
    let row = resting;
    for (let tries = 0; tries < 3; tries += 1) ({ row } = await swept(row, failed('time-out')));
    assert.deepEqual([row.maintenance, row.fault], [true, 'power failure']);
    assert.match(
      row.last_error ?? '',
      /hook pdu: why\. It comes out of maintenance by itself when the hook pdu answers/,
    );
    const back = await swept(row, answered({ power_state: 'power off' }));
    assert.deepEqual([back.row.maintenance, back.row.fault], [false, null]);
    assert.equal(back.events[0], 'The hook pdu answers again: taken out of maintenance');
  });
});
