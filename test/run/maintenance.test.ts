import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const COMMANDS = [
  'get_deploy_steps',
  'execute_deploy_step tune_firmware',
  'execute_deploy_step write_image',
  'get_partition_uuids',
  'install_bootloader',
  'power_off',
];
const ERASE = { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] };
const FOR_EVER = 100 * 3_600_000;

async function maintenance(site: DeploymentSite, on: boolean): Promise<void> {
  const handle = operatorHandlers(site.operatorServices())[`operator/maintenance#${on ? 'set' : 'unset'}`];
  assert.ok(handle);
  const request = { method: 'PUT', path: '', params: { node: UUID }, query: {}, headers: {}, publicUrl: 'http://n' };
  const whole = { ...request, body: { reason: 'a fan' }, minor: 115, user: 'ada', sourceIp: '127.0.0.1' };
  await handle(whole as unknown as Parameters<typeof handle>[0]);
}

/** Every exchange with the agent, whatever it was. */
function counted(site: DeploymentSite): () => number {
  let exchanges = 0;
  const real = site.agent.agent.bind(site.agent);
  site.agent.agent = (exchange) => {
    exchanges += 1;
    return real(exchange);
  };
  return () => exchanges;
}

/** A deploy in its first step, which ends under maintenance. */
async function stopped(given?: (site: DeploymentSite) => void): Promise<DeploymentSite> {
  const site = await DeploymentSite.present();
  given?.(site);
  await site.start();
  await site.pump();
  await maintenance(site, true);
  await site.pump();
  site.agent.finish();
  return site;
}

describe('maintenance that an operator sets while a run waits', () => {
  it('freezes it at once: beats are taken, nothing is sent, and the row says since when', async () => {
    const site = await stopped();
    const exchanges = counted(site);
    const since = new Date(site.time).toISOString();
    for (let beats = 0; beats < 3; beats += 1) {
      site.time += 10_000;
      assert.equal(await site.beat(), 'continued', 'the beat is taken');
      await site.pump();
    }
    const node = await site.node();
    assert.equal(node.provision_state, 'wait call-back');
    assert.match(node.run?.waiting?.for ?? '', new RegExp(`in maintenance since ${since}, the run waits`));
    assert.equal(exchanges(), 0);
  });

  it('lets it go on at once when it ends, with what it had begun', async () => {
    const site = await stopped();
    await maintenance(site, false);
    await site.pump();
    assert.equal(site.agent.began.at(-1), 'execute_deploy_step write_image', 'without a beat');
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.deepEqual(site.agent.began, COMMANDS);
  });

  it('lets it go on at the next beat when nobody was woken', async () => {
    const site = await stopped();
    await site.nodes.replace({ ...(await site.node()), maintenance: false });
    await site.beat();
    await site.pump();
    assert.equal(site.agent.began.at(-1), 'execute_deploy_step write_image');
  });

  it('is longer than every deadline: none ends the run, and the step has the rest of its time afterwards', async () => {
    const site = await stopped();
    site.time += FOR_EVER;
    await site.expire();
    site.workflow.kill();
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    await site.pump();
    assert.equal((await site.node()).run?.ended, null);
    await site.beat();
    await maintenance(site, false);
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.deepEqual(site.agent.began, COMMANDS);
  });

  it('does not take the deadline away: afterwards a silent machine ends it', async () => {
    const site = await stopped();
    site.time += FOR_EVER;
    await maintenance(site, false);
    site.agent.reachable = false;
    await site.pump();
    assert.equal((await site.node()).run?.ended, null);
    site.time += 1_801_000;
    await site.expire();
    assert.match((await site.node()).last_error ?? '', /tune_firmware.*1800 s/);
  });

  it('keeps a machine that a person restarts meanwhile for afterwards: only then its run ends, and says why', async () => {
    const site = await stopped();
    await site.boot();
    await site.beat();
    await site.pump();
    assert.equal((await site.node()).run?.ended, null);
    await maintenance(site, false);
    await site.pump();
    assert.match((await site.node()).last_error ?? '', /restarted during deploy\.tune_firmware/);
  });

  it('reboots nothing either', async () => {
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable' });
    const steps = [{ interface: 'firmware', step: 'update' }, ...ERASE.cleanSteps];
    await site.start('clean', 'clean', { cleanSteps: steps });
    await site.pump();
    await maintenance(site, true);
    site.agent.finish();
    await site.beat();
    await site.pump();
    assert.ok(!(await site.events()).some((event) => /rebooting begins/.test(event)));
    await maintenance(site, false);
    await site.pump();
    assert.ok((await site.events()).some((event) => /rebooting begins/.test(event)));
  });

  it('does not stop an abort', async () => {
    const site = await stopped();
    const handle = operatorHandlers(site.operatorServices())['operator/states#provision'];
    assert.ok(handle);
    const request = { method: 'PUT', path: '', params: { node: UUID }, query: {}, headers: {}, publicUrl: 'http://n' };
    const whole = { ...request, body: { target: 'abort' }, minor: 115, user: 'ada', sourceIp: '127.0.0.1' };
    await handle(whole as unknown as Parameters<typeof handle>[0]);
    await site.pump();
    const node = await site.node();
    assert.deepEqual([node.provision_state, node.power_state], ['deploy failed', 'power off']);
  });

  it('is another thing than what a fault sets: that stops nobody who goes on', async () => {
    const fault = { maintenance: true, fault: 'clean failure' as const, automated_clean: true };
    const site = await DeploymentSite.present('fake-hardware', { provision_state: 'manageable', ...fault });
    await site.start('provide', 'provide');
    assert.equal((await site.untilEnded()).provision_state, 'available');
  });

  it('that was there before stops a clean as soon as it waits', async () => {
    const given = { provision_state: 'manageable', maintenance: true, automated_clean: true };
    const site = await DeploymentSite.present('fake-hardware', given);
    await site.start('provide', 'provide');
    await site.pump();
    site.agent.finish();
    await site.beat();
    await site.pump();
    const node = await site.node();
    assert.equal(node.provision_state, 'clean wait');
    assert.ok(node.run?.waiting?.frozen);
  });
});

describe('a run that is frozen for long', () => {
  it('has handed over more often than executions may die, and outlives one that dies', async () => {
    const site = await stopped();
    const { run, ...node } = await site.node();
    assert.ok(run);
    await site.nodes.replace({ ...node, run: { ...run, attempt: 60 } });
    site.workflow.kill();
    await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
    await site.pump();
    assert.equal((await site.node()).run?.ended, null);
    await maintenance(site, false);
    assert.equal((await site.untilEnded()).provision_state, 'active');
  });
});

describe('maintenance by PATCH', () => {
  it('freezes and frees a run at once, too', async () => {
    const site = new DeploymentSite();
    const interfaces = { ...defaultInterfaces('fake-hardware'), inspect_interface: 'agent' };
    await site.enrol('fake-hardware', { provision_state: 'manageable', interfaces });
    await site.start('inspect', 'inspect');
    await site.pump();
    const patch = operatorHandlers(site.operatorServices())['operator/nodes#patch'];
    for (const [value, waits] of [
      [true, /in maintenance since/],
      [false, /post its inventory/],
    ] as const) {
      const body = [{ op: 'replace', path: '/maintenance', value }];
      const request = {
        method: 'PATCH',
        path: '',
        params: { node: UUID },
        query: {},
        headers: {},
        publicUrl: 'http://n',
      };
      await patch?.({ ...request, body, minor: 115, user: 'ada', sourceIp: '127.0.0.1' } as unknown as Parameters<
        typeof patch
      >[0]);
      await site.pump();
      assert.match((await site.node()).run?.waiting?.for ?? '', waits);
    }
  });
});

describe('whatever dies under maintenance, the agent sees the same commands', () => {
  async function everyCall(interrupt: (site: DeploymentSite, at: number) => void): Promise<void> {
    const through = async (site: DeploymentSite): Promise<void> => {
      await site.beat().catch(() => undefined);
      await site.pump();
      const began = site.agent.began.length;
      await site.beat();
      await site.pump();
      assert.equal(site.agent.began.length, began, 'nothing is sent');
      await maintenance(site, false);
      assert.equal((await site.untilEnded(() => site.beat().catch(() => undefined))).provision_state, 'active');
      assert.deepEqual(site.agent.began, COMMANDS);
    };
    const plain = await stopped();
    const from = plain.calls;
    await through(plain);
    assert.ok(plain.calls - from > 30);
    for (let at = 1; at <= plain.calls - from; at += 1) {
      const site = await stopped();
      interrupt(site, site.calls + at);
      await through(site);
    }
  }
  for (const when of ['before', 'after'] as const) {
    it(`when Advance crashes ${when} any of its calls`, () =>
      everyCall((site, at) => {
        site[when] = ({ count }) => {
          if (count === at) throw new Error(`crash ${when} call ${at}`);
        };
      }));
  }
  it('when a beat comes at any await of Advance', () =>
    everyCall((site, at) => {
      let inside = false;
      site.before = async ({ count }) => {
        if (count !== at || inside) return;
        inside = true;
        await site.beat().catch(() => undefined);
        inside = false;
      };
    }));
});
