import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeEvent } from '../../shared/node/node.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';
import { LOGS } from '../fakes/simulated-agent.ts';

async function failed(settings: (site: DeploymentSite) => void = () => undefined) {
  const site = await DeploymentSite.present();
  settings(site);
  site.agent.failing = { write_image: 'checksum does not match' };
  await site.start();
  const node = await site.untilEnded();
  return { site, node, events: await site.nodes.events(UUID) };
}

const endOf = (events: readonly NodeEvent[]): NodeEvent | undefined =>
  events.find((event) => event.event_type === 'run' && event.detail['result'] !== undefined);

describe('the logs of a ramdisk', () => {
  it('are collected when a step fails, put among the documents, and linked in the history', async () => {
    const { site, node, events } = await failed();
    assert.equal(site.agent.began.at(-1), 'collect_system_logs');
    const key = String(endOf(events)?.detail['logs']);
    assert.match(key, new RegExp(`^logs/${UUID}/`));
    assert.deepEqual(Buffer.from((await site.documents.get(key)) ?? []), Buffer.from(LOGS, 'base64'));
    assert.ok(!JSON.stringify(node).includes(LOGS), 'the row has the key only');
    assert.match(endOf(events)?.event ?? '', /logs of the ramdisk: document logs\//);
  });

  it('are collected at the end of a deploy where the configuration says always', async () => {
    const site = await DeploymentSite.present();
    site.configuration.agentLogs = 'always';
    await site.start();
    assert.equal((await site.untilEnded()).provision_state, 'active');
    assert.deepEqual(site.agent.began.slice(-2), ['collect_system_logs', 'power_off']);
  });

  it('are left alone where it says never', async () => {
    const { site, node } = await failed((one) => {
      one.configuration.agentLogs = 'never';
    });
    assert.equal(node.provision_state, 'deploy failed');
    assert.ok(!site.agent.began.includes('collect_system_logs'));
  });

  it('that cannot be had change nothing about how the run ends', async () => {
    const site = await DeploymentSite.present();
    site.agent.failing = { write_image: 'checksum does not match' };
    site.before = ({ name }) => {
      if (name === 'documents.put') throw new Error('no bucket');
    };
    await site.start();
    const node = await site.untilEnded();
    assert.equal(node.provision_state, 'deploy failed');
    assert.match(node.last_error ?? '', /write_image failed: checksum does not match/);
    assert.ok((await site.events()).some((event) => /collect_system_logs did not work/.test(event)));
  });

  it('are not asked of an agent that is silent', async () => {
    const site = await DeploymentSite.present();
    await site.start();
    await site.pump();
    site.agent.reachable = false;
    site.time += 1_801_000;
    await site.expire();
    assert.equal((await site.node()).provision_state, 'deploy failed');
    assert.ok(!site.agent.began.includes('collect_system_logs'));
  });
});

describe('the history of a run', () => {
  it('tells in order what was asked, begun, ended and changed, and by whom', async () => {
    const { events } = await failed();
    const lines = events.map((event) => `${event.user}: ${event.event}`);
    const told = [
      /run: deploy begins/,
      /run: deploy: get_deploy_steps is done/,
      /run: deploy: deploy\.tune_firmware begins/,
      /run: deploying → wait call-back: waits for deploy\.tune_firmware to end on the agent/,
      /run: deploy: deploy\.tune_firmware is done/,
      /run: deploy: deploy\.write_image begins/,
      /run: wait call-back → deploying/,
      /run: deploy: deploy\.write_image failed: step deploy\.write_image failed: checksum does not match/,
      /run: deploy: log\.collect_system_logs is done/,
      /run: .* → deploy failed: step deploy\.write_image failed: checksum/,
      /run: deploy failed: step deploy\.write_image failed: checksum/,
    ];
    let at = -1;
    for (const one of told) {
      const next = lines.findIndex((line, index) => index > at && one.test(line));
      assert.ok(next > at, `${one} is not after line ${at} of:\n${lines.join('\n')}`);
      at = next;
    }
  });

  it('gives every change of state from, to and target', async () => {
    const { events } = await failed();
    for (const { detail, event } of events.filter(({ event_type }) => event_type === 'transition')) {
      assert.equal(typeof detail['from'], 'string', event);
      assert.equal(typeof detail['to'], 'string', event);
      assert.equal(detail['target'], 'active', event);
    }
  });

  it('has an ERROR for the failure with step, cause and what to do next', async () => {
    const { events, node } = await failed();
    const errors = events.filter((event) => event.severity === 'ERROR');
    assert.equal(errors.length, 2, 'the state that it fell into, and the end of the run');
    for (const error of errors) assert.ok(error.event.includes(node.last_error ?? '?'));
    assert.match(
      node.last_error ?? '',
      /step deploy\.write_image failed: checksum.*then start the deploy again or undeploy/,
    );
  });
});
