import { setTimeout as sleep } from 'node:timers/promises';
import { advanceHandler } from '../../functions/workflow/advance.ts';
import { expireHandler } from '../../functions/workflow/expire.ts';
import { LocalWorkflow } from '../../infra/local/workflow-runner.ts';
import { deriveToken } from '../../shared/agent/agent-token.ts';
import { heartbeat } from '../../shared/agent/heartbeat.ts';
import { transition } from '../../shared/lifecycle/transition.ts';
import type { Reach } from '../../shared/run/exchange-port.ts';
import { Runs } from '../../shared/run/runs.ts';
import { executionName } from '../../shared/run/workflow-port.ts';
import { DeploymentSite, KEY, UUID } from '../fakes/deployment-site.ts';
import type { Row } from './row.ts';

const CALLBACK = 'https://10.0.0.5:9999';
const QUIET_MS = 30;

/** A whole deploy by the deployed definition, with a simulated agent that beats once while each command works. */
export async function runRows(): Promise<Row[]> {
  const site = new DeploymentSite();
  const workflow = new LocalWorkflow({ timeScale: 0.0001 });
  let exchanges = 0;
  const reach: Reach = {
    agent: (exchange) => {
      exchanges += 1;
      return site.agent.agent(exchange);
    },
    bmc: () => site.agent.bmc(),
  };
  const services = { ...site.services(), sessions: site.sessions, nodes: site.nodes, workflow, reach };
  workflow.bind({ advance: advanceHandler(services), expire: expireHandler(services) });
  await site.enrol('fake-hardware');
  await site.boot();
  const beat = async () => {
    site.time += 10_000;
    // A run that rebooted the machine has ended its session: the new boot looks up first.
    if ((await site.sessions.get(UUID))?.tokenHash === undefined) await site.boot();
    const { generation = 0 } = (await site.sessions.get(UUID)) ?? {};
    const input = { node: UUID, callbackUrl: CALLBACK, token: deriveToken(KEY, UUID, generation), certificate: 'PEM' };
    return heartbeat(input, { ...services, agentNetworks: ['10.0.0.0/8'] });
  };
  await beat();
  const moving = transition(await site.node(), 'active', { at: '2026-01-01T00:00:01.000000+00:00' });
  await new Runs({ ...services, nodes: site.nodes }).begin(moving, 'deploy', {}, []);

  const run = (await site.node()).run;
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
    if ((await beat()) === 'continued') beats += 1;
  }
  await workflow.idle();
  const ended = history();
  const { provision_state } = await site.node();
  await workflow.stop();
  if (provision_state !== 'active') throw new Error(`the deploy ended in ${provision_state}`);
  const what = `a deploy, ${beats} beats`;
  return [
    { what, unit: 'transitions', measured: ended?.transitions ?? Number.NaN, budget: 2 * beats + 12 },
    { what, unit: 'polls of the agent', measured: polls, budget: 0, note: 'exchanges between two beats' },
    { what, unit: 'exchanges', measured: exchanges, note: 'commands and their lists' },
  ];
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
