import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { silentLog } from '../../infra/local/console-log.ts';
import { startRuntime } from '../../infra/local/runtime.ts';
import { type Asked, play, serverAt } from './asking.ts';
import { DELIBERATE } from './deliberate.ts';
import { record } from './recording.ts';
import { startReference } from './reference.ts';
import { isWait } from './request.ts';
import { SCENARIOS } from './requests.ts';
import { reviewed, shortcomings } from './reviewed.ts';

const options = new Command('test:differential')
  .option(
    '--ironic <url>',
    'a real Ironic without authentication; without it the one that NODELESS_REFERENCE_IRONIC starts',
  )
  .option('--nodeless <url>', 'a running Nodeless, which is emptied; without it one in memory')
  .option('--only <pattern>', 'scenarios whose name matches', '')
  .option('--json <file>', 'writes what differs without a reason')
  .option('--record', "keeps Ironic's answers for npm test")
  .parse()
  .opts<{ ironic?: string; nodeless?: string; only: string; json?: string; record?: true }>();

const reference =
  options.ironic === undefined ? await startReference() : { url: options.ironic, stop: () => undefined };
if (reference === undefined) {
  console.log('skipped: no real Ironic. Give --ironic URL, or its starter in NODELESS_REFERENCE_IRONIC');
} else {
  const runtime = options.nodeless
    ? undefined
    : await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silentLog });
  const nodelessUrl = options.nodeless ?? runtime?.operatorUrl ?? '';
  try {
    await compareAll(reference.url, nodelessUrl);
  } finally {
    await runtime?.close();
    reference.stop();
  }
}

async function compareAll(ironicUrl: string, nodelessUrl: string): Promise<void> {
  const chosen = SCENARIOS.filter(({ name }) => new RegExp(options.only).test(name));
  const [real, ours] = await Promise.all([serverAt(ironicUrl), serverAt(nodelessUrl)]);
  const all: [ironic: Asked[], nodeless: Asked[]] = [[], []];
  for (const scenario of chosen) {
    try {
      const [ironic, nodeless] = await Promise.all([play(real, scenario), play(ours, scenario)]);
      all[0].push(...ironic);
      all[1].push(...nodeless);
    } catch (error) {
      console.log(`${scenario.name} did not end: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  const review = reviewed(...all);
  for (const { line, at, ironic, nodeless } of review.unexplained) {
    console.log(`${line}\n    ${at}: Ironic ${JSON.stringify(ironic)}, Nodeless ${JSON.stringify(nodeless)}`);
  }
  console.log(`\n${review.requests} requests; differences by their reason:`);
  for (const one of DELIBERATE) console.log(`  ${String(review.explained.get(one) ?? 0).padStart(4)}  ${one.reason}`);
  if (options.json) writeFileSync(options.json, JSON.stringify(review.unexplained, null, 2));
  const wanted = chosen.flatMap(({ steps }) => steps.filter((step) => !isWait(step))).length;
  const names = { ironic: real.name, nodeless: ours.name };
  const everything = options.only === '';
  const short = shortcomings(names, review, { requests: wanted, everything });
  for (const one of short) console.log(`✖ ${one}`);
  if (short.length > 0) process.exitCode = 1;
  else console.log('✔ no difference without a reason');
  if (options.record && everything && review.requests === wanted) record(all[0]);
}
