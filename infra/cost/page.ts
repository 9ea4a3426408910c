import { DEFAULTS } from '../../shared/configuration.ts';
import { MOST_A_SWEEP } from '../../shared/drivers/sync-power.ts';
import { ASSUMED, COUNTED } from './counts.ts';
import {
  DEPLOY,
  fleet,
  HEARTBEAT,
  idle,
  ironic,
  parts,
  powerSync,
  times,
  type Uses,
  usd,
  VENDOR_CALL,
} from './model.ts';
import { DATED, PRICES } from './prices.ts';

const INTERVAL = DEFAULTS.heartbeatIntervalSeconds;
const money = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 0.01 ? value.toFixed(2) : value.toFixed(5);
const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |`;
const heads = (...cells: string[]): string => `${row(...cells)}\n${row(...cells.map(() => '---'))}`;
const largest = (uses: Uses): string => {
  const all = parts(uses).toSorted(([, a], [, b]) => b - a);
  return all
    .slice(0, 3)
    .map(([name, cost]) => `${name} ${money(cost)}`)
    .join(', ');
};

/** From so many machines whose agents always run, three servers are cheaper. */
function breakEven(): number {
  const servers = usd(ironic(1).uses);
  let machines = 100;
  while (usd(fleet(machines, 1, INTERVAL)) < servers && machines < 1e6) machines += 100;
  return machines;
}

function fleetRows(machines: number): string {
  const { servers, uses } = ironic(machines);
  const always = usd(fleet(machines, 1, INTERVAL));
  const some = usd(fleet(machines, ASSUMED.inRamdisk, INTERVAL));
  return row(machines.toLocaleString('en'), money(some), money(always), `${money(usd(uses))} (${servers} servers)`);
}

/** infra/COST.md, whole. */
export function costPage(): string {
  const nothing = idle();
  const million = times(HEARTBEAT, 1e6);
  return `# Cost
<!-- Made by \`npm run cost\` from infra/cost. -->

List prices of ${DATED}, us-east-1, US dollars, free tiers left out. Units and transitions are counted from the product
(\`infra/cost/counts.ts\`, held by a test); times, sizes and log bytes are assumed there. Nothing was measured on a bill yet.

${heads('what', 'dollars', 'mostly')}
${row('idle stack, a month, default options', money(usd(nothing)), largest(nothing))}
${row('a million heartbeats', money(usd(million)), largest(million))}
${row('a deploy', money(usd(DEPLOY)), largest(DEPLOY))}
${row('an async vendor call', money(usd(VENDOR_CALL)), largest(VENDOR_CALL))}

A deploy here has ${COUNTED.deploy.beats} beats, ${COUNTED.deploy.transitions} transitions, ${COUNTED.deploy.exchanges} exchanges with the agent,
${COUNTED.deploy.writeUnits} write and ${COUNTED.deploy.readUnits} read units. Options that cost more: the dashboard ($3 a month), longer logs.

## Fleets, a month

Agents are told ${INTERVAL} s and beat after ${Math.round(INTERVAL / ASSUMED.beatsPerInterval)} s on average; ${ASSUMED.deploysPerMachineMonth} deploy a machine and month; every metric seen.

${heads('machines', `${ASSUMED.inRamdisk * 100} % in their ramdisk`, 'all agents always on', 'Ironic, highly available')}
${fleetRows(100)}
${fleetRows(10_000)}

Ironic: at least three m7g.xlarge with API, conductor, Galera and RabbitMQ on each, 50 GB of disk each, one load balancer; a
server for each 3,700 machines whose agents run, from the 28 heartbeats a second that one conductor was measured to take.
Managed database and queue instead come to about three times as much. People who patch and watch three servers are in no
column.

**Where servers are cheaper.** A machine with an instance runs no agent, so most fleets are in the first column. Who keeps all
agents running pays for every beat: from about ${breakEven().toLocaleString('en')} such machines three servers of Ironic cost less, as far as they carry them.
A longer \`heartbeatIntervalSeconds\` (below 600) moves that in proportion. API Gateway's REST requests are most of a beat;
they buy throttles, resource policies and explicit routes.

**BMCs are extra.** Machines whose power somebody can be asked for (driver \`redfish\`, or a hook as the driver, whose own
function is not in these figures) have their power states compared every ${DEFAULTS.powerSyncSeconds} s, at most
${MOST_A_SWEEP} of them in a sweep: ${money(usd(powerSync(100)))} a month for 100, ${money(usd(powerSync(10_000)))} for 10,000. \`powerSyncSeconds\` makes it rarer, or 0 none.

## Prices

${heads('', 'dollars', 'per', 'source')}
${Object.entries(PRICES)
  .map(([name, { usd: price, per, source }]) => row(name, price, per, source))
  .join('\n')}
`;
}
