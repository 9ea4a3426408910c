import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { defaultInterfaces } from '../../shared/drivers/registry.ts';
import type { AgentExchange } from '../../shared/run/exchange-port.ts';
import { keepRescuePassword } from '../../shared/run/rescue-password.ts';
import type { AgentCommand, ExchangeReply, FlowName } from '../../shared/run/run.ts';
import { DeploymentSite, UUID } from '../fakes/deployment-site.ts';

/** What an agent may answer; `true`: what the simulated one answers. */
type Answer = ExchangeReply | true;

const running = (command_name: string): AgentCommand => ({
  id: 'earlier',
  command_name,
  command_status: 'RUNNING',
  command_error: null,
  command_result: null,
});
const ANY: Answer[] = [
  true,
  { kind: 'pending' },
  { kind: 'unreachable', message: 'no answer in time' },
  { kind: 'unreachable', message: 'ECONNREFUSED' },
  { kind: 'refused', status: 500, message: 'not JSON serializable' },
];
const LISTS: Answer[] = [
  ...ANY,
  { kind: 'commands', commands: [] },
  { kind: 'commands', commands: [running('get_hardware_info')] },
  { kind: 'commands', commands: [running('execute_deploy_step')] },
];
const RUNS: Answer[] = [
  ...ANY,
  { kind: 'unreachable', message: 'ECONNRESET' },
  { kind: 'busy', with: 'get_hardware_info' },
  { kind: 'command', command: running('execute_deploy_step') },
];

const FLOWS: readonly [verb: string, flow: FlowName, from: string][] = [
  ['active', 'deploy', 'available'],
  ['clean', 'clean', 'manageable'],
  ['inspect', 'inspect', 'manageable'],
  ['rescue', 'rescue', 'active'],
  ['service', 'service', 'active'],
];

const SECONDS = { step: 3600, silence: 600, interval: 300 };
/** Steps that last, then silence, then one interval for an outage that was none, and the beat at which that is seen. */
const LONGEST_PHASE_MS = (SECONDS.step + SECONDS.silence + 3 * SECONDS.interval) * 1000;

async function begun(driver: 'fake-hardware' | 'manual', [verb, flow, provision_state]: (typeof FLOWS)[number]) {
  const interfaces = {
    ...defaultInterfaces(driver),
    deploy_interface: 'direct',
    inspect_interface: 'agent',
    rescue_interface: 'agent',
  };
  const site = await DeploymentSite.present(driver, { provision_state, interfaces });
  const { step, silence } = SECONDS;
  Object.assign(site.configuration.deadlines, { deploy: silence, clean: silence, inspect: silence, step });
  Object.assign(site.configuration.deadlines, { rescue: silence, service: silence });
  site.onPause = (seconds) => {
    site.time += seconds * 1000;
  };
  await keepRescuePassword(UUID, 'open sesame', site);
  await site.start(
    verb,
    flow,
    flow === 'clean' ? { cleanSteps: [{ interface: 'deploy', step: 'erase_devices' }] } : {},
  );
  return site;
}

/** The machine beats for as long as anybody may wait, or is silent and the execution's time-out wakes the run. */
async function longestPhase(site: DeploymentSite, machine: { beats: boolean; finishes: boolean; gap: number }) {
  let longest = 0;
  let [cursor, since] = [-1, site.time];
  for (;;) {
    await site.pump();
    const { run } = await site.node();
    if (run?.cursor !== cursor) [cursor, since] = [run?.cursor ?? -1, site.time];
    longest = Math.max(longest, site.time - since);
    if (run?.ended || longest > LONGEST_PHASE_MS) return longest;
    if (machine.finishes) site.agent.finish();
    site.time += machine.gap * 1000;
    if (machine.beats) await site.beatOrBoot();
    else if (site.time >= (run?.waiting?.until ?? 0)) await site.expire();
  }
}

describe('a run', () => {
  it('ends within its deadlines and says why, whatever the agent answers and however long it beats', async () => {
    const cycle = (answers: Answer[]) => fc.array(fc.constantFrom(...answers), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('fake-hardware' as const, 'manual' as const),
        fc.constantFrom(...FLOWS),
        cycle(LISTS),
        cycle(RUNS),
        fc.record({ beats: fc.boolean(), finishes: fc.boolean(), gap: fc.integer({ min: 30, max: 300 }) }),
        async (driver, verb, lists, runs, machine) => {
          const site = await begun(driver, verb);
          const real = site.agent.agent.bind(site.agent);
          const asked = { list: 0, run: 0 };
          site.agent.agent = async (exchange: AgentExchange): Promise<ExchangeReply> => {
            const { command } = exchange.request;
            const answers = command === 'list' ? lists : runs;
            const answer = answers[asked[command]++ % answers.length];
            return answer === true || answer === undefined ? real(exchange) : answer;
          };
          assert.ok((await longestPhase(site, machine)) <= LONGEST_PHASE_MS, 'a phase does not end');
          const { run } = await site.node();
          assert.ok(
            run?.ended?.result === 'done' || /\. [A-Z].* again/.test(run?.ended?.reason ?? ''),
            run?.ended?.reason ?? '',
          );
        },
      ),
      { numRuns: 100 },
    );
  });
});
