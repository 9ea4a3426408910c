import assert from 'node:assert/strict';
import type { Stage } from './stages.ts';
import type { Tenant } from './tenant.ts';

/** Silence after which a ramdisk that hangs is given up, in this suite: four heartbeat intervals and more. */
const HANGS_SECONDS = 90;
const AGAIN = /start the (deploy|rebuild) again or undeploy/i;

/** Deploys with a step that takes ten minutes, and does something to the machine in the middle of it. */
async function brokenInStep(tenant: Tenant, breakIt: () => void, words: readonly RegExp[]): Promise<string> {
  const { machine } = tenant;
  machine.dawdles = true;
  // A machine that is present already has told its steps: this one has to boot again to have another.
  await tenant.absent();
  await tenant.patch({ '/instance_info': tenant.image.instanceInfo });
  await tenant.ask('active');
  await tenant.dawdles();
  // The boot that follows is a good one.
  machine.dawdles = false;
  breakIt();
  const said = await tenant.failsWith('deploy failed', [/deploy\.dawdle/, ...words, AGAIN]);
  await tenant.provision('active', 'active');
  await tenant.runsInstance();
  return `${said} → deployed again`;
}

/** Deploys and rebuilds with trouble on the way, which nobody but the machine notices. */
async function unharmed(tenant: Tenant): Promise<void> {
  await tenant.absent();
  await tenant.deploy();
  const at = tenant.machine.agentLog.length;
  await tenant.provision('rebuild', 'active');
  await tenant.runsInstance();
  const begun = tenant.machine.agentLog.slice(at).match(/Executing deploy step .*write_image/g) ?? [];
  assert.equal(begun.length, 1, 'the image was not written exactly once');
}

async function released(tenant: Tenant): Promise<void> {
  await tenant.isAtRest('active');
  await tenant.provision('deleted', 'available');
  await tenant.isAtRest('available');
}

/** What goes wrong, what has to come of it, and that the machine is a good one afterwards. Each says what it saw. */
export const TROUBLES: readonly Stage[] = [
  {
    name: 'the agent is killed in a step',
    run: async (tenant) => {
      const said = await brokenInStep(tenant, () => tenant.machine.crashAgent(), [/agent restarted/]);
      await released(tenant);
      return said;
    },
  },
  {
    name: 'the machine reboots in a step',
    run: async (tenant) => {
      const said = await brokenInStep(tenant, () => tenant.machine.reset('ForceRestart'), [/agent restarted/]);
      await released(tenant);
      return said;
    },
  },
  {
    name: 'the ramdisk hangs in a step',
    run: async (tenant) => {
      await tenant.patch({ '/driver_info/nodeless_deadlines': { deploy: HANGS_SECONDS } });
      const said = await brokenInStep(tenant, () => tenant.machine.freeze(true), [
        /waited \d+ s/,
        /power it off and on/,
      ]);
      await released(tenant);
      return said;
    },
  },
  {
    name: 'the BMC is slow and stumbles',
    run: async (tenant) => {
      const { bmc } = tenant.machine;
      bmc.latencyMs = 1000;
      tenant.machine.powerDelayMs = 4000;
      bmc.fail('unavailable', 2);
      await unharmed(tenant);
      bmc.fail('closes-connection', 1);
      await released(tenant);
      bmc.latencyMs = 0;
      return 'deployed, rebuilt and released all the same';
    },
  },
  {
    name: 'the BMC says 204 and does nothing',
    run: async (tenant) => {
      const { bmc } = tenant.machine;
      await tenant.deploy();
      bmc.fail('lies-about-power');
      await tenant.ask('rebuild');
      const said = await tenant.failsWith('deploy failed', [
        /^power o/,
        /accepted by BMC https:\S+ and not done/,
        AGAIN,
      ]);
      bmc.heal();
      await tenant.provision('rebuild', 'active');
      await tenant.runsInstance();
      await released(tenant);
      return `${said} → rebuilt`;
    },
  },
  ...(['lost', 'reply-lost', 'twice'] as const).map((fault): Stage => {
    const name = {
      lost: 'heartbeats are lost',
      'reply-lost': "heartbeats' replies are lost",
      twice: 'heartbeats come twice',
    };
    return {
      name: name[fault],
      run: async (tenant) => {
        const { beats } = tenant.machine;
        beats.fault = fault;
        await unharmed(tenant);
        await released(tenant);
        beats.fault = 'none';
        assert.ok(beats.hit > 0, 'no heartbeat was hit');
        return `${beats.hit} of them; deployed, rebuilt and released all the same`;
      },
    };
  }),
  {
    name: "the agent's replies are lost",
    run: async (tenant) => {
      const { replies } = tenant.machine;
      replies.loses = true;
      await unharmed(tenant);
      await released(tenant);
      replies.loses = false;
      assert.ok(replies.hit > 0, 'no reply was hit');
      return `${replies.hit} of them; each step ran once`;
    },
  },
  {
    name: 'the agent is killed while it cleans',
    run: async (tenant) => {
      const { machine } = tenant;
      await tenant.deploy();
      machine.dawdles = true;
      await tenant.ask('deleted');
      await tenant.dawdles();
      machine.dawdles = false;
      machine.crashAgent();
      const said = await tenant.failsWith('clean failed', [
        /deploy\.dawdle/,
        /agent restarted/,
        /[Ee]nd the maintenance, set the node to manage, then provide it again/,
      ]);
      await tenant.endMaintenance('clean failure');
      await tenant.provision('manage', 'manageable');
      await tenant.provision('provide', 'available');
      await tenant.isAtRest('available');
      return `${said} → cleaned again`;
    },
  },
];
