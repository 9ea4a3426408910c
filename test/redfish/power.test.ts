import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { BMC_PASSWORD, type Fault } from '../fakes/redfish-bmc.ts';
import { RedfishSite, redfishSite } from './redfish-site.ts';

const site = (t: TestContext) => redfishSite((close) => t.after(close));
const MOST_LOOKS = 8;

describe('power by Redfish', () => {
  it('is read when a node is verified', async (t) => {
    const given = await site(t);
    given.bmc.power = 'On';
    await given.enrol();
    const node = await given.provision('manage');
    assert.deepEqual([node.provision_state, node.power_state, node.last_error], ['manageable', 'power on', null]);
  });

  it('is switched, looked at, and only then told', async (t) => {
    const given = await site(t);
    await given.verified();
    const answer = await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
    assert.equal(answer.status, 202);
    assert.equal((await given.node()).target_power_state, 'power on', 'readable before the 202');
    const node = await given.pump();
    assert.deepEqual([node.power_state, node.target_power_state], ['power on', null]);
    assert.deepEqual(given.bmc.resets(), ['On']);
  });

  it('that is there already sends nothing', async (t) => {
    const given = await site(t);
    await given.verified();
    const node = await given.power('power off');
    assert.deepEqual([node.power_state, given.bmc.resets()], ['power off', []]);
  });

  const WAYS: [target: string, from: 'On' | 'Off', resets: string[]][] = [
    ['rebooting', 'On', ['ForceOff', 'On']],
    ['rebooting', 'Off', ['On']],
    ['power off', 'On', ['ForceOff']],
    ['soft power off', 'On', ['GracefulShutdown']],
    ['soft rebooting', 'On', ['GracefulShutdown', 'On']],
  ];
  for (const [target, from, resets] of WAYS) {
    it(`${target} of a machine that is ${from} sends ${resets.join(', ')}`, async (t) => {
      const given = await site(t);
      given.bmc.power = from;
      await given.verified();
      const node = await given.power(target);
      assert.deepEqual(given.bmc.resets(), resets);
      assert.equal(node.power_state, target.endsWith('power off') ? 'power off' : 'power on');
      assert.equal(node.target_power_state, null);
      assert.equal(node.last_error, null);
    });
  }

  it('never goes off where that is disabled: a restart is one', async (t) => {
    const given = await site(t);
    given.bmc.power = 'On';
    await given.verified({}, { disable_power_off: true });
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power off' })).status, 409);
    await given.power('rebooting');
    assert.deepEqual(given.bmc.resets(), ['ForceRestart']);
  });

  it('is forced off when the operating system takes longer than it was given', async (t) => {
    const given = await site(t);
    given.bmc.power = 'On';
    await given.verified();
    given.bmc.fail('ignores-shutdown');
    const node = await given.power('soft power off', 80);
    assert.deepEqual(given.bmc.resets(), ['GracefulShutdown', 'ForceOff']);
    assert.equal(node.power_state, 'power off');
    assert.ok((await given.history()).some((line) => /soft power off is replaced by a forced one/.test(line)));
    assert.deepEqual(given.pauses.slice(0, MOST_LOOKS), Array(MOST_LOOKS).fill(10));
  });

  it('is one switch at a time: the node is locked meanwhile', async (t) => {
    const given = await site(t);
    await given.verified();
    await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
    for (const [method, path, body] of [
      ['PUT', 'states/power', { target: 'power off' }],
      ['PUT', 'states/provision', { target: 'provide' }],
      ['PUT', 'management/boot_device', { boot_device: 'pxe' }],
    ] as const) {
      const answer = await given.call(method, `/v1/nodes/bm1/${path}`, body);
      assert.equal(answer.status, 409, path);
      assert.match(RedfishSite.fault(answer), /is locked by host/);
    }
    await given.pump();
    assert.equal((await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power off' })).status, 202);
  });

  it('needs a complete driver_info, and says what is missing', async (t) => {
    const given = await site(t);
    await given.verified();
    await given.call('PATCH', '/v1/nodes/bm1', [{ op: 'remove', path: '/driver_info/redfish_address' }]);
    const answer = await given.call('PUT', '/v1/nodes/bm1/states/power', { target: 'power on' });
    assert.equal(answer.status, 400);
    assert.match(RedfishSite.fault(answer), /Missing the following Redfish properties.*redfish_address/);
    const { json } = await given.call('GET', '/v1/nodes/bm1/validate');
    for (const kind of ['power', 'management', 'inspect']) assert.equal(json[kind].result, false, kind);
  });
});

describe('a BMC that', () => {
  /** fault → what the operator reads when it does not pass. */
  const LASTING: [fault: Fault, says: RegExp][] = [
    [
      'lies-about-power',
      /power on \(an operator asked for it\) was accepted by BMC \S+ and not done.*it is power off.*console/,
    ],
    ['silent', /BMC \S+: no answer in time.*Check that this BMC can be reached/],
    ['closes-connection', /BMC \S+: ECONNRESET/],
    ['answers-html', /BMC \S+: it answers with something that is not JSON; check that redfish_address is a BMC/],
    ['garbage', /not JSON/],
    ['unavailable', /answered 503/],
    ['redirects', /it redirects \(302\); give the address that it redirects to/],
    ['endless', /larger than any of Redfish/],
    ['reset-refused', /power on was refused: BMC .*answered 409: The system is in its self test/],
  ];
  for (const [fault, says] of LASTING) {
    it(`${fault} ends with a reason that names it`, async (t) => {
      const given = await site(t);
      await given.verified();
      // What never comes need not be waited for long.
      if (fault === 'silent') given.patience.each = 0.05;
      given.bmc.fail(fault);
      const node = await given.power('power on');
      assert.match(node.last_error ?? '', says);
      assert.equal(node.power_state, 'power off', 'the last that was seen');
      assert.equal(node.target_power_state, null);
      assert.equal(node.run?.ended?.result, 'failed');
      assert.ok(given.pauses.length <= MOST_LOOKS);
      assert.ok(
        (await given.history()).some((line) => line.startsWith('power failed: ') && says.test(line)),
        'the history says so, too',
      );
      assert.ok(!(await given.everythingWritten()).includes(BMC_PASSWORD));
    });
  }

  /** fault → for how many requests it lasts. */
  const PASSING: [fault: Fault, times: number][] = [
    ['silent', 1],
    ['closes-connection', 3],
    ['answers-html', 2],
    ['garbage', 2],
    ['unavailable', 5],
  ];
  for (const [fault, times] of PASSING) {
    it(`${fault} ${times} times is asked again`, async (t) => {
      const given = await site(t);
      await given.verified();
      if (fault === 'silent') given.patience.each = 0.3;
      given.bmc.fail(fault, times);
      const node = await given.power('power on');
      assert.deepEqual([node.power_state, node.last_error], ['power on', null]);
    });
  }

  it('lost its session is logged in to again, once, with one session', async (t) => {
    const given = await site(t);
    await given.verified({ redfish_auth_type: 'session' });
    assert.equal(given.bmc.sessions.size, 1);
    given.bmc.fail('loses-session', 1);
    const node = await given.power('power on');
    assert.equal(node.power_state, 'power on');
    assert.equal(given.bmc.asks().filter((line) => line.endsWith('/Sessions')).length, 1);
    assert.ok(given.bmc.asked.every(({ headers }) => headers.authorization === undefined));
    const written = await given.everythingWritten();
    for (const token of given.bmc.sessions) assert.ok(!written.includes(token));
  });

  it('is not opened by a wrong password with the session of a right one', async (t) => {
    const given = await site(t);
    await given.verified({ redfish_auth_type: 'session' });
    const wrong = [{ op: 'replace', path: '/driver_info/redfish_password', value: 'not-the-one' }];
    assert.equal((await given.call('PATCH', '/v1/nodes/bm1', wrong)).status, 200);
    const node = await given.power('power on');
    assert.match(node.last_error ?? '', /does not accept redfish_username and redfish_password/);
    assert.deepEqual(given.bmc.resets(), []);
  });

  it('forgets every session at once is not asked for ever', async (t) => {
    const given = await site(t);
    await given.verified({ redfish_auth_type: 'session' });
    given.bmc.fail('loses-session');
    const node = await given.power('power on');
    assert.match(node.last_error ?? '', /does not accept redfish_username and redfish_password/);
    assert.equal(given.bmc.asks().filter((line) => line.endsWith('/Sessions')).length, 1);
  });

  it('refuses basic gets a session, where the node leaves the choice', async (t) => {
    const given = await site(t);
    given.bmc.fail('no-basic');
    await given.verified();
    assert.equal((await given.power('power on')).power_state, 'power on');
    assert.equal(given.bmc.sessions.size, 1);
  });

  it('refuses the password stops at once and says what to correct', async (t) => {
    const given = await site(t);
    await given.enrol({ redfish_password: 'not-the-one' });
    const node = await given.provision('manage');
    assert.equal(node.provision_state, 'enroll');
    assert.match(node.last_error ?? '', /does not accept redfish_username and redfish_password/);
    assert.deepEqual(given.pauses, []);
    assert.ok(!(await given.everythingWritten()).includes('not-the-one'));
  });
});
