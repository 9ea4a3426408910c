import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import type { Session } from '../../shared/agent/session-store.ts';
import { timestamp } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/configuration.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import { newNode } from '../../shared/node/new-node.ts';
import type { Node } from '../../shared/node/node.ts';
import { readyToProvide } from '../../shared/run/ready-to-provide.ts';
import type { FlowName, Run } from '../../shared/run/run.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const OTHER = '7f1c2b7e-93a4-4a1d-8a54-0c6f2f0d9e12';
const MADE = Date.parse('2026-01-01T00:00:00Z');
const MOVED = MADE + 60_000;
const REGISTERED = MOVED + 60_000;
const NOW = REGISTERED + 200_000;

interface Case {
  node: Node;
  session: Session;
  now: number;
  settings: { fastTrack: boolean; provideWhenPresent: boolean };
}
interface Changes {
  node?: Partial<Node>;
  session?: Partial<Session>;
  settings?: Partial<Case['settings']>;
}

function given({ node, session, settings }: Changes = {}): Case {
  return {
    node: newNode({
      uuid: UUID,
      driver: 'manual',
      created_at: timestamp(MADE),
      provision_updated_at: timestamp(MOVED),
      interfaces: {},
      provision_state: 'manageable',
      ...node,
    }),
    session: {
      node: UUID,
      generation: 3,
      tokenHash: 'h',
      beats: 4,
      issuedAt: REGISTERED,
      lastBeatAt: NOW - 100_000,
      intervalSeconds: 300,
      bootFingerprint: 'b',
      ...session,
    },
    now: NOW,
    settings: { fastTrack: true, provideWhenPresent: true, ...settings },
  };
}

const ran = (flow: FlowName, result: 'done' | 'failed' | null, generation: number | null = null): Partial<Node> => {
  const ended = result === null ? null : { result, reason: null, at: timestamp(MOVED) };
  return { run: { flow, generation, ended } as Run };
};
const own = (provide_when_present: unknown): Partial<Node> => ({ driver_info: { provide_when_present } as never });
const without = (key: keyof Session): Partial<Session> => ({ [key]: undefined });

const REFUSED: [string, Changes, RegExp][] = [
  ['whose BMC nobody has verified', { node: { provision_state: 'enroll' } }, /it is enroll, not manageable/],
  ['that is available already', { node: { provision_state: 'available' } }, /it is available/],
  ['whose clean has failed', { node: { provision_state: 'clean failed' } }, /it is clean failed/],
  ['of which no policy speaks', { settings: { provideWhenPresent: false } }, /provideWhenPresent is false/],
  ['that says no itself', { node: own('no') }, /driver_info\.provide_when_present is false/],
  ['that says what is neither yes nor no', { node: own('maybe') }, /provide_when_present is no boolean/],
  ['that is not used as it is', { settings: { fastTrack: false } }, /fastTrack is off/],
  ['that has a run', { node: ran('inspect', null) }, /inspect is going on/],
  ['whose last run failed or was aborted', { node: ran('clean', 'failed') }, /its last run, clean, failed/],
  ['in maintenance', { node: { maintenance: true } }, /in maintenance/],
  ['that is retired', { node: { retired: true } }, /is retired/],
  ['that is to be adopted', { node: { instance_uuid: UUID } }, /has an instance/],
  ['whose machine never beat', { session: without('bootFingerprint') }, /not present/],
  ['whose machine is silent', { session: { lastBeatAt: NOW - 300_001 } }, /not present/],
  ['that an operator took while it was present', { session: { issuedAt: MOVED - 1 } }, /not registered since/],
  ['that was taken at that very moment', { session: { issuedAt: MOVED } }, /not registered since/],
  ['that an inspection of ours has booted', { node: ran('inspect', 'done', 3) }, /the inspection has booted it/],
];

const PROVIDED: [string, Changes][] = [
  ['whose machine registered since', {}],
  ['that says so, where the configuration does not', { node: own('yes'), settings: { provideWhenPresent: false } }],
  ['that its machine enrolled, a moment ago', { node: { provision_updated_at: null }, session: { issuedAt: MADE } }],
  ['that was switched on', { node: ran('power', 'done') }],
  ['whose machine booted again after an inspection', { node: ran('inspect', 'done', 2) }],
  ['that its BMC has told all about', { node: ran('inspect', 'done') }],
];

describe('a machine that is present is not provided', () => {
  for (const [what, changes, reason] of REFUSED) {
    it(what, () => {
      const verdict = readyToProvide(given(changes));
      assert.equal(verdict.ready, false);
      assert.match(verdict.reason, reason);
    });
  }
});

describe('a machine that is present is provided', () => {
  for (const [what, changes] of PROVIDED) {
    it(what, () => {
      const { ready, reason } = readyToProvide(given(changes));
      assert.equal(ready, true, reason);
      assert.match(reason, /^the machine registered itself at 2026-01-01T00:0.*provide.*is true$/);
    });
  }

  it('never while it has a run, is in maintenance, or has not registered since', () => {
    const at = fc.integer({ min: MADE, max: NOW });
    const arbitrary = fc.record({
      provision_state: fc.constantFrom('manageable', 'manageable', 'available', 'enroll', 'cleaning'),
      maintenance: fc.boolean(),
      run: fc.constantFrom(
        null,
        ...[null, 'done' as const, 'failed' as const].map((result) => ran('power', result).run),
      ),
      moved: fc.option(at),
      issuedAt: at,
      lastBeatAt: at,
      provideWhenPresent: fc.boolean(),
    });
    let provided = 0;
    fc.assert(
      fc.property(arbitrary, ({ moved, issuedAt, lastBeatAt, provideWhenPresent, run = null, ...rest }) => {
        const provision_updated_at = moved === null ? null : timestamp(moved);
        const node = { ...rest, run, provision_updated_at };
        const asked = given({ node, session: { issuedAt, lastBeatAt }, settings: { provideWhenPresent } });
        if (!readyToProvide(asked).ready) return;
        provided += 1;
        assert.ok(run === null || run.ended?.result === 'done');
        assert.equal(rest.maintenance, false);
        assert.ok(issuedAt >= (moved ?? MADE));
      }),
      { seed: 5, numRuns: 2000 },
    );
    assert.ok(provided > 20, `${provided} were`);
  });
});

const BEAT = { next: 'Advance', because: 'beat' } as const;

/** A node that became manageable before its machine boots, and the sweeper. */
async function manageable(changes: Partial<Node> = {}) {
  const site = new DeploymentSite();
  const { configuration } = site;
  configuration.provideWhenPresent = true;
  await site.enrol('fake-hardware', {
    provision_state: 'manageable',
    provision_updated_at: timestamp(site.time),
    ...changes,
  });
  const logged: string[] = [];
  const line = (what: string) => void logged.push(what);
  const log = { info: () => undefined, warn: line, error: line };
  const services = { ...site.services(), nodes: site.nodes, sessions: site.sessions, log };
  const sweep = sweepHandler(services);
  return {
    site,
    logged,
    sweep: () => sweep(),
    another: () => sweepHandler(services)(),
    state: async () => (await site.node()).provision_state,
    registers: async () => {
      site.time += 1000;
      await site.boot();
      await site.beat();
    },
    /** Every other minute, for as long as it takes. */
    sweeps: async () => {
      for (let times = 0; times < 5; times += 1) {
        site.time += 60_000;
        await site.beat();
        await sweep();
        await site.pump();
      }
    },
    asks: async (verb: string) => {
      site.time += 1000;
      await site.nodes.replace(transition(await site.node(), verb, { at: timestamp(site.time) }));
    },
    told: async () => (await site.nodes.events(UUID)).filter(({ user }) => user === 'policy'),
  };
}

describe('the sweep', () => {
  it('provides a machine that registers itself, and the history tells who and why', async () => {
    const { site, registers, sweep, state, told } = await manageable();
    await sweep();
    assert.equal(await state(), 'manageable');
    await registers();
    await sweep();
    await site.pump();
    assert.equal(await state(), 'available');
    const [asked, begins, ...more] = await told();
    assert.match(
      asked?.event ?? '',
      /^Policy asks for provide: manageable → cleaning: the machine registered itself at/,
    );
    assert.equal(asked?.detail.verb, 'provide');
    assert.equal(begins?.event, 'provide begins');
    assert.deepEqual(more, []);
  });

  it('cleans it first where that is on, without a reboot', async () => {
    const { site, registers, sweep, state } = await manageable({ automated_clean: true });
    await registers();
    await sweep();
    await site.pump();
    assert.equal(await state(), 'clean wait');
    assert.equal((await site.untilEnded()).provision_state, 'available');
    const events = await site.events();
    assert.ok(events.includes('provide: rebooting is not needed: the machine is present'), events.join('\n'));
  });

  it('leaves it to an operator who says manage, until it boots again', async () => {
    const { registers, sweeps, asks, state } = await manageable();
    await registers();
    await sweeps();
    assert.equal(await state(), 'available');
    await asks('manage');
    await sweeps();
    assert.equal(await state(), 'manageable');
    await registers();
    await sweeps();
    assert.equal(await state(), 'available');
  });

  it('leaves it to an operator whose inspection boots it, whenever that boot registers', async () => {
    for (const early of [true, false]) {
      const { site, registers, sweeps, state } = await manageable({
        interfaces: { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent', deploy_interface: 'direct' },
      });
      await site.start('inspect', 'inspect');
      await site.pump();
      site.time += 1000;
      await site.nodes.replace({ ...(await site.node()), inspection_finished_at: timestamp(site.time) });
      // Both wake the run.
      if (early) await registers();
      else await site.workflow.succeed((await site.sessions.get(UUID))?.taskToken ?? '', BEAT);
      await site.pump();
      assert.equal(await state(), 'manageable', (await site.node()).last_error ?? '');
      if (!early) await registers();
      await sweeps();
      assert.equal(await state(), 'manageable', early ? 'it registers while the run ends' : 'it registers afterwards');
      await registers();
      await sweeps();
      assert.equal(await state(), 'available');
    }
  });

  it('does not begin again what failed: no clean of a machine that cannot be cleaned goes round and round', async () => {
    const { site, registers, sweep, sweeps, asks, state } = await manageable({ automated_clean: true });
    site.agent.failing = { erase_devices_metadata: 'no such disk' };
    await registers();
    await sweep();
    assert.equal((await site.untilEnded()).provision_state, 'clean failed');
    await sweeps();
    assert.equal(await state(), 'clean failed');
    await asks('manage');
    await site.nodes.replace({ ...(await site.node()), maintenance: false, fault: null });
    await registers();
    await sweeps();
    assert.equal(await state(), 'manageable');
  });

  it('begins nothing while limits.stopAll is on, says so once a sweep, and goes on when it is off', async () => {
    const { site, registers, sweeps, logged, state } = await manageable();
    site.configuration.limits.stopAll = true;
    await registers();
    await sweeps();
    assert.equal(await state(), 'manageable');
    assert.equal(logged.length, 5);
    site.configuration.limits.stopAll = false;
    await sweeps();
    assert.equal(await state(), 'available');
  });

  it('waits for a place where limits.concurrentRuns are going on', async () => {
    const { site, registers, sweeps, state } = await manageable();
    site.configuration.limits.concurrentRuns = 1;
    await site.counters.hold('runs', 'another-run', 1, site.time + 86_400_000);
    await registers();
    await sweeps();
    assert.equal(await state(), 'manageable');
    await site.counters.letGo('runs', 'another-run');
    await sweeps();
    assert.equal(await state(), 'available');
  });

  it('begins one run, however many sweep at once', async () => {
    const { site, registers, another, state, told } = await manageable({ automated_clean: true });
    await registers();
    await Promise.all([another(), another(), another()]);
    assert.equal(await state(), 'cleaning');
    assert.equal((await site.node()).run_sequence, 1);
    assert.equal(site.workflow.executions.length, 1);
    assert.equal((await told()).filter(({ event }) => event === 'provide begins').length, 1);
  });

  it('is overtaken by an operator who was faster, and by a maintenance that was set meanwhile', async () => {
    const { site, registers, sweep, state, told } = await manageable();
    await registers();
    const { get } = site.nodes;
    // The list was read before; the row that is read again has what the operator did.
    site.nodes.get = async (uuid) => {
      site.nodes.get = get;
      await site.nodes.replace({ ...(await site.node()), maintenance: true });
      return get.call(site.nodes, uuid);
    };
    await sweep();
    assert.equal(await state(), 'manageable');
    assert.deepEqual(await told(), []);
  });

  it('is not held up by a node that cannot be written', async () => {
    const { site, registers, sweep, logged } = await manageable();
    const node = OTHER;
    await site.nodes.create({ ...(await site.node()), uuid: node }, []);
    await registers();
    const session = { tokenHash: 'h', intervalSeconds: 300, at: site.time };
    await site.sessions.issue(node, 0, session);
    const beat = { node, tokenHash: 'h', bootFingerprint: 'b', at: site.time };
    await site.sessions.firstBeat(beat, { node, generation: 1, callbackUrl: '', startedAt: site.time });
    const states = async () => (await site.nodes.list()).map(({ provision_state }) => provision_state).sort();
    site.tables.faults.fail('nodes.replace');
    await sweep();
    assert.deepEqual(await states(), ['cleaning', 'manageable']);
    assert.deepEqual(logged, ['a machine that is present could not be provided']);
    await sweep();
    assert.deepEqual(await states(), ['cleaning', 'cleaning']);
  });

  it('touches nothing by default', async () => {
    const { site, registers, sweeps, state } = await manageable();
    site.configuration.provideWhenPresent = DEFAULTS.provideWhenPresent;
    await registers();
    await sweeps();
    assert.equal(await state(), 'manageable');
  });
});
