import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sweepHandler } from '../../functions/schedule/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const EVERY_SECONDS = 300;
const MANAGEABLE = { provision_state: 'manageable' };

/** A machine in its ramdisk for which nothing waits, and the sweeper that looks every five minutes. */
async function idle(given = MANAGEABLE) {
  const site = await DeploymentSite.present('fake-hardware', given);
  const everySeconds = EVERY_SECONDS;
  let sweep = sweepHandler({ ...site.services(), nodes: site.nodes });
  return {
    site,
    /** The function is started anew and remembers nothing. */
    coldStart: () => {
      sweep = sweepHandler({ ...site.services(), nodes: site.nodes });
    },
    sweep: () => sweep({ everySeconds }),
    sweeps: async (times: number) => {
      for (let i = 0; i < times; i += 1) {
        site.time += EVERY_SECONDS * 1000;
        await sweep({ everySeconds });
      }
    },
    lost: async () => (await site.nodes.events(UUID)).filter(({ event_type }) => event_type === 'agent-lost'),
  };
}

describe('an agent that no run waits for', () => {
  it('and that is silent for more than three intervals is told of once, with what to do', async () => {
    const { site, sweeps, lost } = await idle();
    await sweeps(12);
    const [event, ...more] = await lost();
    assert.deepEqual(more, []);
    assert.equal(event?.severity, 'ERROR');
    assert.match(
      event?.event ?? '',
      /^In manageable: the agent was last heard of \d+ s ago .* every 300 s\. The next run/,
    );
    assert.equal((await site.node()).provision_state, 'manageable');
    assert.equal((await site.node()).last_error, null);
  });

  it('is not one that has never used the token on its medium', async () => {
    const { site, sweeps, lost } = await idle();
    const { generation = -1 } = (await site.sessions.get(UUID)) ?? {};
    const issued = { tokenHash: 'hash', intervalSeconds: 300, at: site.time };
    await site.sessions.issue(UUID, generation, { ...issued, handedOver: '1/1' });
    await sweeps(12);
    assert.deepEqual(await lost(), []);
    await site.sessions.issue(UUID, generation + 1, issued);
    await sweeps(12);
    assert.equal((await lost()).length, 1, 'as one that lookup gave its token');
  });

  it('is told of once by sweepers that remember nothing, too', async () => {
    const { sweeps, coldStart, lost } = await idle();
    for (let i = 0; i < 12; i += 1) {
      coldStart();
      await sweeps(1);
    }
    assert.equal((await lost()).length, 1);
  });

  it('is not counted on by the next deploy: the machine is booted anew', async () => {
    const { site, sweeps } = await idle({ provision_state: 'available' });
    await sweeps(12);
    await site.start();
    await site.pump();
    assert.ok((await site.events()).includes('deploy: rebooting begins'));
  });

  it('is not lost while it beats, nor when it comes back while it is looked for', async () => {
    const { site, sweeps, lost } = await idle();
    for (let i = 0; i < 12; i += 1) {
      await sweeps(1);
      await site.beat();
    }
    await sweeps(4);
    assert.ok((await site.sessions.get(UUID))?.missing, 'looked for');
    await site.beat();
    await sweeps(3);
    assert.deepEqual(await lost(), []);
  });

  it('that is lost again after it had come back is told of again', async () => {
    const { site, sweeps, lost } = await idle();
    await sweeps(12);
    assert.equal(await site.beat(), 'ready', 'its token still counts');
    await sweeps(12);
    assert.equal((await lost()).length, 2);
  });

  it('that asked for a token and never beat is lost as well', async () => {
    const { site, sweeps, lost } = await idle();
    await site.boot();
    await sweeps(12);
    assert.equal((await lost()).length, 1);
  });
});

describe('nobody is lost', () => {
  it('whose session is over, as after a deploy', async () => {
    const { site, sweeps, lost } = await idle({ provision_state: 'available' });
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
    await sweeps(12);
    assert.deepEqual(await lost(), []);
  });

  it('for whom a run waits: the run has deadlines of its own', async () => {
    const { site, sweeps, lost } = await idle({ provision_state: 'available' });
    site.configuration.deadlines.deploy = 86_400;
    await site.start();
    await site.pump();
    await sweeps(12);
    assert.deepEqual(await lost(), []);
  });

  it('after an outage of ours before a full interval in which beats could come', async () => {
    // The store is away as of: before the first look, between two looks, when the next look would tell.
    for (const looks of [0, 3, 4]) {
      const { site, sweep, sweeps, coldStart, lost } = await idle();
      await sweeps(looks);
      site.time += 10 * 86_400_000;
      coldStart();
      await sweep();
      site.time += 299_000;
      await sweep();
      assert.deepEqual(await lost(), [], `after ${looks} looks`);
      await site.beat();
      await sweeps(3);
      assert.deepEqual(await lost(), [], 'it has beaten');
      await sweeps(9);
      assert.equal((await lost()).length, 1, 'and is lost like any other');
    }
  });

  it('while the store cannot be read', async () => {
    const { site, sweep, sweeps, lost } = await idle();
    await sweeps(4);
    site.time += EVERY_SECONDS * 1000;
    site.tables.faults.fail('sessions.page');
    await assert.rejects(sweep());
    assert.deepEqual(await lost(), []);
  });

  it('of whom an event could not be written: it is told at the next look', async () => {
    const { site, sweep, sweeps, lost } = await idle();
    await sweeps(4);
    site.time += EVERY_SECONDS * 1000;
    site.tables.faults.fail('nodes.replace');
    await sweep().catch(() => undefined);
    assert.deepEqual(await lost(), []);
    await sweeps(1);
    assert.equal((await lost()).length, 1);
  });
});
