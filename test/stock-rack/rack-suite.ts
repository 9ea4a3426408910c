/** Eight stock agents behind Redfish BMCs, through their whole lives and through what goes wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { serveImage } from '../stock-agent/image.ts';
import { installedAgent } from '../stock-agent/install.ts';
import { RackMachine } from './rack-machine.ts';
import { inShort, Report } from './report.ts';
import { LIFE } from './stages.ts';
import { Tenant } from './tenant.ts';
import { TROUBLES } from './troubles.ts';

const MACHINES = Number(process.argv[2] ?? 8);
/** Part of a trouble's name: that one only, after a short life. */
const only = process.argv[3];
/** Pauses between looks at a BMC: its power switch is faster here than metal. */
const TIME_SCALE = 0.25;
const HEARTBEAT_SECONDS = 20;
const DEADLINE_SECONDS = 480;

const installed = installedAgent();
if ('skipped' in installed) {
  console.log(`skipped: ${installed.skipped}`);
  process.exit(0);
}
const { executable } = installed;
const root = mkdtempSync(join(tmpdir(), 'nodeless-rack-'));
const image = await serveImage();
const deadline = DEADLINE_SECONDS;
const runtime = await startRuntime({
  operatorPort: 0,
  agentPort: 0,
  host: '127.0.0.1',
  log: silentLog,
  timeScale: TIME_SCALE,
  configuration: {
    heartbeatIntervalSeconds: HEARTBEAT_SECONDS,
    runHeartbeatIntervalSeconds: HEARTBEAT_SECONDS,
    deadlines: { deploy: deadline, clean: deadline, inspect: deadline, rescue: deadline, service: deadline },
    enrollment: { unknown: 'enroll', driver: 'redfish', state: 'enroll' },
    automatedClean: true,
  },
});
const machines = await Promise.all(
  Array.from({ length: MACHINES }, (_, index) =>
    new RackMachine({ executable, root, index: index + 1, agentUrl: runtime.agentUrl }).start(),
  ),
);
try {
  const tenants = machines.map((machine) => new Tenant({ machine, operatorUrl: runtime.operatorUrl, image }));
  const life = new Report();
  const stages = only ? LIFE.slice(0, 5) : LIFE;
  await Promise.all(tenants.map((tenant) => life.live(tenant.machine.serial, tenant, stages)));
  console.log(`\n${life.table(LIFE.map(({ name }) => name))}`);
  const troubles = new Report();
  // Each in turn, as many at once as there are machines that are good.
  const left = TROUBLES.filter(({ name }) => !only || name.includes(only));
  await Promise.all(
    tenants.map(async (tenant) => {
      // What a failure left behind would only make others fail.
      let good = life.isWhole(tenant.machine.serial);
      for (let next = left[0]; next && good; next = left[0]) {
        left.shift();
        await troubles.live(next.name, tenant, [next]);
        good = troubles.isWhole(next.name);
      }
    }),
  );
  console.log(`\n${troubles.outcomes(['trouble', 'took', 'what came of it'])}`);
  const failures = [...life.failures, ...troubles.failures];
  for (const { details } of failures) console.error(`\n${details}`);
  // Last, as CI shows the end of the output only.
  if (failures.length > 0) console.error(`\nfailed:\n  ${inShort(failures).join('\n  ')}`);
  if (left.length > 0)
    console.error(`not tried, for want of a good machine: ${left.map(({ name }) => name).join('; ')}`);
  if (failures.length + left.length > 0) process.exitCode = 1;
} finally {
  await Promise.all(machines.map((machine) => machine.close()));
  await runtime.close();
  await image.close();
  rmSync(root, { recursive: true, force: true });
}
