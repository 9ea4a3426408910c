import { setTimeout as sleep } from 'node:timers/promises';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { LocalWorkflow } from '../../infra/local/workflow-runner.ts';
import { deriveToken, tokenHash } from '../../shared/agent/agent-token.ts';
import { heartbeat } from '../../shared/agent/heartbeat.ts';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import type { Reach } from '../../shared/run/exchange-port.ts';
import type { RunArguments } from '../../shared/run/flows.ts';
import { keepRescuePassword } from '../../shared/run/rescue-password.ts';
import type { FlowName } from '../../shared/run/run.ts';
import { Runs } from '../../shared/run/runs.ts';
import { executionName } from '../../shared/run/workflow-port.ts';
import { openEngine } from '../contract/engines.ts';
import { CapacityMeter } from '../fakes/capacity-meter.ts';
import { DeploymentSite, KEY, UUID } from '../fakes/deployment-site.ts';
import { UnreportedCharges } from './charges.ts';
import type { Row } from './row.ts';

const CALLBACK = 'https://10.0.0.5:9999';
const QUIET_MS = 30;

interface Flow {
  flow: FlowName;
  verb: string;
  from: string;
  ends: string;
  args?: RunArguments;
  /** The machine is in its ramdisk and beats. */
  present?: boolean;
}

const step = (name: string) => ({ interface: 'deploy', step: name });
// biome-ignore format: a table reads best with its columns aligned
const FLOWS: readonly Flow[] = [
  { flow: 'deploy',   verb: 'active',   from: 'available',  ends: 'active',     present: true },
  { flow: 'deploy',   verb: 'active',   from: 'available',  ends: 'active' },
  { flow: 'rebuild',  verb: 'rebuild',  from: 'active',     ends: 'active' },
  { flow: 'clean',    verb: 'clean',    from: 'manageable', ends: 'manageable', args: { cleanSteps: [step('erase_devices_metadata'), step('erase_devices')] } },
  { flow: 'inspect',  verb: 'inspect',  from: 'manageable', ends: 'manageable' },
  { flow: 'rescue',   verb: 'rescue',   from: 'active',     ends: 'rescue' },
  { flow: 'service',  verb: 'service',  from: 'active',     ends: 'active',     args: { serviceSteps: [step('burnin_cpu')] } },
  { flow: 'undeploy', verb: 'deleted',  from: 'active',     ends: 'available' },
];

const INTERFACES = {
  ...defaultInterfaces('fake-hardware'),
  deploy_interface: 'direct',
  inspect_interface: 'agent',
  rescue_interface: 'agent',
};

/** Every flow by the deployed definition over the embedded engine; its agent beats once while each command works. */
export async function runRows(): Promise<Row[]> {
  const engine = await openEngine();
  try {
    const rows: Row[] = [];
    for (const flow of FLOWS) rows.push(...(await flowRows(flow, engine.endpoint)));
    return rows;
  } finally {
    await engine.close();
  }
}

async function flowRows(given: Flow, endpoint: string): Promise<Row[]> {
  const engine = await openEngine(endpoint);
  const charges = new UnreportedCharges(engine.client);
  const meter = new CapacityMeter(engine.client);
  const site = new DeploymentSite(engine.stores);
  const workflow = new LocalWorkflow({ timeScale: 0.0001 });
  let exchanges = 0;
  const reach: Reach = {
    agent: (exchange) => {
      exchanges += 1;
      return site.agent.agent(exchange);
    },
    bmc: () => site.agent.bmc(),
  };
  const services = { ...site.services(), ...engine.stores, workflow, reach };
  workflow.bind({ advance: advanceHandler(services), expire: expireHandler(services) });
  await site.enrol('fake-hardware', { provision_state: given.from, interfaces: INTERFACES });
  await keepRescuePassword(UUID, 'open sesame', site);
  const beat = async () => {
    site.time += 10_000;
    // A run that rebooted the machine has ended its session: the new boot looks up first.
    const session = await site.sessions.get(UUID);
    if (session?.tokenHash === undefined) {
      await site.sessions.issue(UUID, session?.generation ?? 0, nextSession((session?.generation ?? 0) + 1, site.time));
      site.agent.restart();
    }
    const { generation = 0 } = (await site.sessions.get(UUID)) ?? {};
    const input = { node: UUID, callbackUrl: CALLBACK, token: deriveToken(KEY, UUID, generation), certificate: 'PEM' };
    return heartbeat(input, { ...services, agentNetworks: ['10.0.0.0/8'] });
  };
  if (given.present) await beat();
  const moving = transition(await site.node(), given.verb, { at: '2026-01-01T00:00:01.000000+00:00' });
  for (const counter of [charges, meter]) counter.reset();
  const begun = await new Runs(services).begin(moving, given.flow, given.args ?? {}, []);

  const { run } = begun;
  if (!run) throw new Error('no run');
  const history = () => workflow.history(executionName(run.id, run.attempt));
  let beats = 0;
  let polls = 0;
  let waitedWith: string | undefined;
  for (let turn = 0; turn < 100; turn += 1) {
    waitedWith = await armed(site, history, waitedWith);
    if (waitedWith === undefined) break;
    const before = exchanges;
    await sleep(QUIET_MS);
    polls += exchanges - before;
    // Every second beat comes while the command still works.
    if (turn % 2 === 1) site.agent.finish();
    if (await inspected(site, waitedWith, workflow)) beats += 1;
    else if ((await beat()) === 'continued') beats += 1;
  }
  await workflow.idle();
  const ended = history();
  const { provision_state, last_error } = await site.node();
  await workflow.stop();
  const writes = meter.total().writes + charges.writes;
  await engine.close();
  if (provision_state !== given.ends) throw new Error(`${given.flow} ended in ${provision_state}: ${last_error}`);
  const article = /^[aeiou]/.test(given.flow) ? 'an' : 'a';
  const what = `${article} ${given.flow}${given.present ? ' on the fast track' : ''}, ${beats} beats`;
  return [
    { what, unit: 'transitions', measured: ended?.transitions ?? Number.NaN, budget: 2 * beats + 12 },
    { what, unit: 'polls of the agent', measured: polls, budget: 0, note: 'exchanges between two beats' },
    { what, unit: 'exchanges', measured: exchanges, note: 'commands and their lists' },
    { what, unit: 'write units', measured: writes, note: 'row, history, beats, tokens and the place of the limit' },
  ];
}

const nextSession = (generation: number, at: number) => ({
  tokenHash: tokenHash(deriveToken(KEY, UUID, generation)),
  intervalSeconds: 300,
  at,
});

/** What the inspection endpoint does when a ramdisk posts its inventory: it, not a beat, wakes this run. */
async function inspected(site: DeploymentSite, taskToken: string, workflow: LocalWorkflow): Promise<boolean> {
  const node = await site.node();
  if (node.run?.phases[node.run.cursor]?.kind !== 'await-inspection') return false;
  await site.nodes.replace({ ...node, inspection_finished_at: '2026-01-01T00:00:09.000000+00:00' });
  await workflow.succeed(taskToken, { next: 'Advance', because: 'beat' });
  return true;
}

/** The task token with which the run waits now, another one than before; undefined when it has ended. */
async function armed(
  site: DeploymentSite,
  history: () => { status: string } | undefined,
  before: string | undefined,
): Promise<string | undefined> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (history()?.status !== 'RUNNING') return undefined;
    const { taskToken } = (await site.sessions.get(UUID)) ?? {};
    if (taskToken !== undefined && taskToken !== before) return taskToken;
    await sleep(2);
  }
  throw new Error('the run neither waits nor ends');
}
