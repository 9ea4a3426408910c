import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timestamp } from '../../shared/clock.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import { keepRescuePassword } from '../../shared/run/rescue-password.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { sweep } from '../../shared/run/sweep.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

/** Longer than every deadline of a machine. */
const OUTAGE_MS = 10 * 86_400_000;
const interfaces = {
  ...defaultInterfaces('fake-hardware'),
  deploy_interface: 'direct',
  inspect_interface: 'agent',
  rescue_interface: 'agent',
};

interface Case {
  verb: string;
  flow: FlowName;
  from: string;
  /** Where the run waits: for a machine that boots, or for an agent at work. */
  machine: 'boots' | 'works';
  to: string;
  failed: string;
  args?: RunArguments;
}
const steps = (step: string) => [{ interface: 'deploy', step }];
const CLEAN = { cleanSteps: steps('erase_devices') };
const SERVICE = { serviceSteps: steps('burnin_cpu') };

// biome-ignore format: a table reads best with its columns aligned
const CASES: readonly Case[] = [
  { flow: 'deploy',   verb: 'active',   from: 'available',  machine: 'boots', to: 'active',     failed: 'deploy failed' },
  { flow: 'deploy',   verb: 'active',   from: 'available',  machine: 'works', to: 'active',     failed: 'deploy failed' },
  { flow: 'rebuild',  verb: 'rebuild',  from: 'active',     machine: 'boots', to: 'active',     failed: 'deploy failed' },
  { flow: 'clean',    verb: 'clean',    from: 'manageable', machine: 'boots', to: 'manageable', failed: 'clean failed', args: CLEAN },
  { flow: 'clean',    verb: 'clean',    from: 'manageable', machine: 'works', to: 'manageable', failed: 'clean failed', args: CLEAN },
  { flow: 'provide',  verb: 'provide',  from: 'manageable', machine: 'boots', to: 'available',  failed: 'clean failed' },
  { flow: 'provide',  verb: 'provide',  from: 'manageable', machine: 'works', to: 'available',  failed: 'clean failed' },
  { flow: 'undeploy', verb: 'deleted',  from: 'active',     machine: 'boots', to: 'available',  failed: 'clean failed' },
  { flow: 'inspect',  verb: 'inspect',  from: 'manageable', machine: 'boots', to: 'manageable', failed: 'inspect failed' },
  { flow: 'rescue',   verb: 'rescue',   from: 'active',     machine: 'boots', to: 'rescue',     failed: 'rescue failed' },
  { flow: 'service',  verb: 'service',  from: 'active',     machine: 'boots', to: 'active',     failed: 'service failed', args: SERVICE },
];

/** Who looks first when it is over: the sweep, for an execution that died, or the execution's own time-out. */
const LOOKS = ['the sweep', 'the time-out'] as const;

const waitsMs = async (site: DeploymentSite) => ((await site.node()).run?.waiting?.until ?? 0) - site.time;

async function afterOutage(given: Case, look: (typeof LOOKS)[number]): Promise<DeploymentSite> {
  const site = new DeploymentSite();
  site.configuration.automatedClean = true;
  await site.enrol('fake-hardware', { provision_state: given.from, interfaces });
  await keepRescuePassword(UUID, 'open sesame', site);
  if (given.machine === 'works') await site.beatOrBoot();
  await site.start(given.verb, given.flow, given.args);
  await site.pump();
  assert.match((await site.node()).run?.waiting?.for ?? '', given.machine === 'works' ? /_step|agent/ : /ramdisk/);
  site.agent.reachable = false;
  if (look === 'the sweep') site.workflow.kill();
  site.time += OUTAGE_MS;
  if (look === 'the time-out') await site.expire();
  else await sweep({ ...site.services(), nodes: site.nodes, workflow: site.workflow });
  await site.pump();
  const { run } = await site.node();
  assert.equal(run?.ended, null, run?.ended?.reason ?? '');
  assert.ok((await waitsMs(site)) >= site.configuration.heartbeatIntervalSeconds * 1000, `${await waitsMs(site)} ms`);
  return site;
}

describe('after a store was away for longer than every deadline', () => {
  for (const given of CASES) {
    for (const look of LOOKS) {
      const what = `a ${given.flow} whose machine ${given.machine}, seen first by ${look},`;
      it(`${what} goes on when that is heard of within a whole interval`, async () => {
        const site = await afterOutage(given, look);
        site.time += (await waitsMs(site)) - 1000;
        site.agent.reachable = true;
        // What it was told to do before has ended long ago.
        site.agent.finish();
        if (given.flow === 'inspect') {
          const inspection_finished_at = timestamp(site.time);
          await site.nodes.replace({ ...(await site.node()), inspection_finished_at });
        }
        await site.beatOrBoot();
        const node = await site.untilEnded(() => site.beatOrBoot());
        assert.equal(node.provision_state, given.to, node.last_error ?? '');
      });

      it(`${what} ends with a reason when it is not`, async () => {
        const site = await afterOutage(given, look);
        site.time += (await waitsMs(site)) + 1000;
        await site.expire();
        const node = await site.node();
        assert.equal(node.provision_state, given.failed);
        assert.match(node.last_error ?? '', /waited 1800 s for .*power it off and on, then/);
      });
    }
  }
});
