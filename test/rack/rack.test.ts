import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { type Bench, bench, until } from './bench.ts';
import { Ended } from './clock.ts';
import { type BeatOutcome, Heart } from './heartbeat.ts';
import { Rack } from './rack.ts';
import { SmallServer } from './small-server.ts';
import type { MachineOptions } from './types.ts';

function scene(name: string, options: Partial<MachineOptions>, play: (bench: Bench) => Promise<void>): void {
  it(name, { timeout: 120_000 }, async () => {
    const set = await bench(options);
    try {
      await play(set);
    } finally {
      await set.close();
    }
  });
}

const VERSION = 'x-openstack-ironic-api-version';

describe('from power to the first heartbeat', { concurrency: true }, () => {
  scene('the order and the shape of the requests', { inspect: true }, async ({ server, machine, client }) => {
    machine.powerOn();
    await client();
    const seen = server.requests.slice(0, 5);
    assert.deepEqual(
      seen.map(({ method, path, headers }) => [method, path, headers[VERSION] ?? null]),
      [
        ['POST', '/v1/continue_inspection', null],
        ['GET', '/', null],
        ['GET', '/v1/lookup', '1.62'],
        ['GET', '/', null],
        ['POST', `/v1/heartbeat/${server.uuid}`, '1.68'],
      ],
    );
    assert.deepEqual(seen[2]?.query, { addresses: '52:54:00:00:00:01,52:54:00:00:00:02', node_uuid: server.uuid });
    assert.equal(seen[2]?.headers['content-type'], 'application/json');
    assert.equal(seen[3]?.headers['content-type'], undefined, 'the probe for reachability is bare');
    const beat = server.beats[0] ?? {};
    assert.deepEqual(Object.keys(beat), ['callback_url', 'agent_token', 'agent_version', 'agent_verify_ca']);
    assert.equal(beat.agent_token, server.token);
    assert.deepEqual([machine.state, machine.uuid, machine.token], ['ramdisk', server.uuid, server.token]);
  });

  scene('the certificate', {}, async ({ server, machine, client }) => {
    machine.powerOn();
    await client();
    const certificate = new X509Certificate(String(server.beats[0]?.agent_verify_ca));
    assert.equal(certificate.subjectAltName, 'IP Address:127.0.0.1');
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'secp384r1');
    assert.ok(certificate.verify(certificate.publicKey));
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    assert.ok(Math.abs(Date.now() - from - 3_600_000) < 60_000);
    assert.equal(Math.round((to - Date.now()) / 86_400_000), 30);
  });

  for (const [version, lookup, beat, keys] of [
    ['1.30', '1.30', '1.30', ['callback_url']],
    ['1.61', '1.61', '1.61', ['callback_url', 'agent_version']],
    ['1.67', '1.62', '1.67', ['callback_url', 'agent_token', 'agent_version']],
    ['1.96', '1.62', '1.68', ['callback_url', 'agent_token', 'agent_version', 'agent_verify_ca']],
    ['none', '1.31', '1.31', ['callback_url']],
  ] as const)
    scene(`a server that advertises ${version}`, {}, async ({ server, machine, client }) => {
      server.version = version;
      machine.powerOn();
      await client();
      assert.equal(server.to('/v1/lookup')[0]?.headers[VERSION], lookup);
      assert.equal(server.to('/v1/heartbeat')[0]?.headers[VERSION], beat);
      assert.deepEqual(Object.keys(server.beats[0] ?? {}), keys);
      assert.equal(String(server.beats[0]?.callback_url).startsWith('https:'), version === '1.96');
    });

  scene('one failing GET / leaves an agent without a token', {}, async ({ server, machine, client }) => {
    server.script.root.push({ status: 500, body: {} });
    machine.powerOn();
    const agent = await client();
    assert.equal(server.to('/v1/lookup')[0]?.headers[VERSION], '1.31');
    assert.equal(server.beats[0]?.agent_token, null);
    assert.equal((await agent.run('standby.sync')).status, 401);
  });

  scene('lookup is retried, and a conflict waits longer', {}, async ({ server, machine, client }) => {
    for (const status of [404, 409, 503, 202]) server.script.lookup.push({ status, body: {} });
    machine.powerOn();
    await client();
    const times = server.to('/v1/lookup').map(({ at }) => at);
    assert.equal(times.length, 5);
    const [first = 0, second = 0, third = 0] = times;
    assert.ok(third - second > 55, `${third - second} ms after a conflict`);
    assert.ok(second - first >= 9);
  });

  for (const [what, node, config] of [
    ['instance_info', { instance_info: null }, {}],
    ['properties', { properties: undefined }, {}],
    ['heartbeat_timeout', {}, { heartbeat_timeout: null }],
    ['a usable tls_min_version', {}, { tls_min_version: '1.1' }],
  ] as const)
    scene(`an answer without ${what} ends the agent`, { restartSeconds: null }, async (set) => {
      Object.assign(set.server.node, node);
      Object.assign(set.server.config, config);
      set.machine.powerOn();
      await set.until('death', () => set.machine.state === 'stranded');
      assert.ok(set.events.some(({ kind }) => kind === 'died'));
      assert.equal(set.server.beats.length, 0);
    });

  scene('a lost answer strands the machine until a power cycle', { defects: { lostLookupAnswers: 1 } }, async (set) => {
    set.machine.powerOn();
    await set.until('stranded', () => set.machine.state === 'stranded');
    assert.equal(set.server.to('/v1/lookup').length, 2);
    assert.equal(set.server.beats.length, 0);
    set.server.forgetToken();
    await set.machine.reboot();
    await set.client();
    assert.equal(set.machine.state, 'ramdisk');
  });

  scene('a token of its own survives the mask', { bootToken: 'b'.repeat(40) }, async ({ server, machine, client }) => {
    server.tokenGiven = true;
    machine.powerOn();
    await client();
    assert.equal(server.beats[0]?.agent_token, 'b'.repeat(40));
  });

  scene('a crashed agent has lost its token', {}, async (set) => {
    set.machine.powerOn();
    await set.client();
    await set.machine.crashAgent();
    await set.until('stranded', () => set.machine.state === 'stranded');
    assert.equal(set.machine.token, null);
  });
});

/** Seconds between beats, by a clock that only the heart's own sleep moves. */
async function gaps(outcomes: BeatOutcome[], given: { timeout: number; random: number; forced?: boolean }) {
  const at: number[] = [];
  let now = 0;
  const heart: Heart = new Heart({
    clock: {
      now: () => now,
      sleep: async (seconds) => {
        now += seconds;
        if (given.forced) heart.force();
      },
    },
    timeout: given.timeout,
    random: () => given.random,
    legacy: false,
    send: async () => {
      at.push(now);
      const outcome = outcomes.shift();
      if (outcome === undefined) throw new Ended();
      return outcome;
    },
  });
  await assert.rejects(heart.run(), Ended);
  return at.slice(1).map((time, index) => time - (at[index] ?? 0));
}
const isAbout = (gap: number | undefined, seconds: number) =>
  assert.ok(gap !== undefined && gap >= seconds && gap < seconds + 0.3, `${gap} s, not ${seconds}`);

describe('heartbeats', { concurrency: true }, () => {
  scene('only 202 counts; the rest is retried', {}, async ({ server, machine, client }) => {
    for (const status of [200, 409, 500]) server.script.heartbeat.push({ status, body: {} });
    // By itself the next one would come in a day.
    server.config.heartbeat_timeout = 1e6;
    machine.powerOn();
    await client(4);
    const times = server.to('/v1/heartbeat').map(({ at }) => at);
    for (const [index, time] of times.slice(1).entries()) assert.ok(time - (times[index] ?? 0) >= 49, `${times}`);
  });

  for (const random of [0, 1]) {
    it(`are retried after 5 to 10 s, else sent after 0.3 to 0.6 of the time-out (${random})`, async () => {
      const [refused, accepted] = await gaps(['refused', 'accepted'], { timeout: 100, random });
      isAbout(refused, [5, 10][random] ?? 0);
      isAbout(accepted, [30, 60][random] ?? 0);
    });
  }

  scene('a finished command forces one', { timeScale: 20 }, async ({ server, machine, client }) => {
    server.config.heartbeat_timeout = 1e6;
    machine.powerOn();
    const agent = await client();
    const { body } = await agent.step('deploy', 'lab_sleep', { seconds: 0 });
    assert.equal(body.command_status, 'SUCCEEDED');
    await client(2);
  });

  it('when forced come 5 s after the last', async () => {
    const [forced] = await gaps(['accepted'], { timeout: 3000, random: 0, forced: true });
    isAbout(forced, 5);
  });
});

describe('the rack', { concurrency: true }, () => {
  it('switches machines, two of them with one MAC', async () => {
    const server = new SmallServer();
    const rack = new Rack({ apiUrl: await server.listen(), timeScale: 100 });
    const kinds: string[] = [];
    rack.listen(({ serial, kind }) => kinds.push(`${serial} ${kind}`));
    try {
      for (const serial of ['A', 'B']) rack.add({ serial, macs: ['52:54:00:00:00:09'] });
      assert.throws(() => rack.add({ serial: 'A', macs: [] }), /already/);
      for (const { serial } of rack.machines) rack.powerOn(serial);
      await until('both', () => rack.census().ramdisk === 1 && rack.census().stranded === 1);
      await rack.powerOff('A');
      assert.deepEqual([rack.powerState('A'), rack.powerState('B')], ['off', 'on']);
      assert.ok(kinds.includes('A power-on') && kinds.includes('A power-off') && kinds.includes('B lookup'));
      assert.deepEqual(
        rack.fill(2).map(({ macs }) => macs[0]),
        ['52:54:00:00:00:03', '52:54:00:00:00:04'],
      );
    } finally {
      await rack.close();
      await server.close();
    }
  });
});
