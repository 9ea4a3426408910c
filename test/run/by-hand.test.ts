import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { operatorHandlers } from '../../functions/operator/handlers.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { Node } from '../../shared/node/node.ts';
import { showNode } from '../../shared/node/node-document.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

const interfaces = {
  ...defaultInterfaces('manual'),
  deploy_interface: 'direct',
  inspect_interface: 'agent',
  rescue_interface: 'agent',
};
const driver_info = { power_instructions: 'row 3, blue cable' };

async function site(provision_state: string, given: Partial<Node> = {}): Promise<DeploymentSite> {
  const made = new DeploymentSite();
  await made.enrol('manual', { provision_state, interfaces, driver_info, ...given });
  return made;
}

/** `PUT …/states/power`: a person says what he did. */
async function report(given: DeploymentSite, target: string): Promise<number> {
  const handle = operatorHandlers(given.operatorServices())['operator/states#power'];
  assert.ok(handle);
  const request = { method: 'PUT', path: '', params: { node: UUID }, query: {}, headers: {}, publicUrl: 'http://n' };
  const whole = { ...request, body: { target }, minor: 115, user: 'ada', sourceIp: '127.0.0.1' };
  return (await handle(whole as unknown as Parameters<typeof handle>[0])).status;
}

const waitsFor = async (given: DeploymentSite): Promise<string> => {
  const { driver_internal_info: info } = showNode(await given.node(), 'http://n', 115);
  return String((info as Record<string, unknown>)['nodeless_waits_for']);
};

type Row = [flow: FlowName, verb: string, from: string, asked: RegExp, report: 'power on' | 'power off', ends: string];
// biome-ignore format: a table reads best with its columns aligned
const ROWS: Row[] = [
  ['unrescue', 'unrescue', 'rescue', /^a person\. .*Restart it by hand \(row 3, blue cable\).*power on/,     'power on',  'active'],
  ['undeploy', 'deleted',  'active', /^a person\. .*Switch it off by hand \(row 3, blue cable\).*power off/, 'power off', 'available'],
];

describe('a run that only a person can carry on', () => {
  for (const [flow, verb, from, asked, done, ends] of ROWS) {
    it(`${flow} waits, says for what, and goes on when it is reported`, async () => {
      const given = await site(from);
      await given.start(verb, flow);
      await given.pump();
      assert.match(await waitsFor(given), asked);
      assert.equal((await given.node()).power_state, 'power on', 'nobody has done anything');
      assert.ok((await given.events()).some((event) => /needs a person\. .*by hand/.test(event)));
      assert.equal(await report(given, done), 202);
      await given.pump();
      const node = await given.node();
      assert.deepEqual([node.provision_state, node.power_state, node.target_power_state], [ends, done, null]);
      assert.equal(node.run?.ended?.result, 'done');
    });

    it(`${flow} that nobody comes for ends at its deadline with what to do`, async () => {
      const given = await site(from);
      await given.start(verb, flow);
      await given.pump();
      given.time += 1_801_000;
      await given.expire();
      const { last_error: error, run } = await given.node();
      assert.equal(run?.ended?.result, 'failed');
      assert.match(error ?? '', /by hand: waited 1800 s for a person\. .*blue cable/);
      assert.match(error ?? '', new RegExp(`Switch the machine by hand, then start the ${flow} again; nodeless_dead`));
    });
  }

  it('takes no report of something else for it', async () => {
    const given = await site('active');
    await given.start('deleted', 'undeploy');
    await given.pump();
    assert.equal(await report(given, 'power on'), 202);
    await given.pump();
    assert.equal((await given.node()).run?.ended, null);
  });

  it('is not kept for ever by an agent that beats on', async () => {
    const given = await site('active');
    await given.boot();
    await given.beat();
    given.configuration.fastTrack = false;
    await given.start('deleted', 'undeploy');
    for (let quarters = 0; quarters < 3; quarters += 1) {
      await given.pump();
      given.time += 900_000;
      await given.beat();
    }
    await given.pump();
    assert.match(
      (await given.node()).last_error ?? '',
      /power off by hand: waited 1800 s for a person.*Switch the machine/,
    );
  });

  it('loses no report that comes at the very moment that it arms', async () => {
    const given = await site('active');
    given.before = async ({ name }) => {
      if (name !== 'sessions.arm') return;
      given.before = () => undefined;
      await report(given, 'power off');
    };
    await given.start('deleted', 'undeploy');
    await given.pump();
    assert.equal((await given.node()).provision_state, 'available');
  });

  it('of a cold deploy says what a person must do, and goes on when the machine shows itself', async () => {
    const given = await site('available', { power_state: 'power off' });
    await given.start();
    await given.pump();
    assert.equal((await given.node()).provision_state, 'wait call-back');
    assert.match(await waitsFor(given), /^a person\. .*Restart it by hand \(row 3, blue cable\)/);
    await given.boot();
    await given.beat();
    assert.equal((await given.untilEnded()).provision_state, 'active');
  });

  it('of a clean takes the report, and then waits for the machine', async () => {
    const given = await site('manageable', { power_state: 'power off' });
    await given.start('clean', 'clean', { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] });
    await given.pump();
    assert.equal(await report(given, 'power on'), 202);
    await given.pump();
    const node = await given.node();
    assert.deepEqual([node.provision_state, node.power_state], ['clean wait', 'power on']);
    assert.match(node.run?.waiting?.for ?? '', /^the machine to boot the ramdisk/);
    await assert.rejects(report(given, 'power on'), /while it is clean wait/, 'nobody is asked any more');
  });

  it('is asked for an inspection though an agent beats, since that posts no inventory', async () => {
    const given = await site('manageable');
    await given.boot();
    await given.beat();
    await given.start('inspect', 'inspect');
    await given.pump();
    assert.match(await waitsFor(given), /^a person\. .*Restart it by hand/);
  });

  it('is asked to restart a machine whose agent beats and could not be used', async () => {
    const given = await site('available');
    await given.boot();
    await given.beat();
    given.agent.reachable = false;
    await given.start();
    for (let turn = 0; turn < 30 && !(await given.node()).run?.ended; turn += 1) {
      await given.pump();
      given.time += 100_000;
      await given.beat().catch(() => undefined);
    }
    assert.equal((await given.node()).provision_state, 'deploy failed');
    await given.beat();
    await given.start('active', 'deploy');
    await given.pump();
    assert.match(await waitsFor(given), /^a person\. .*Restart it by hand/);
  });

  it('is not needed where its agent switches it off', async () => {
    const given = await site('manageable');
    given.configuration.fastTrack = false;
    await given.start('clean', 'clean', { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] });
    await given.pump();
    await given.boot();
    await given.beat();
    const node = await given.untilEnded();
    assert.deepEqual([node.provision_state, node.power_state], ['manageable', 'power off']);
    assert.equal(given.agent.began.at(-1), 'power_off');
  });
});
