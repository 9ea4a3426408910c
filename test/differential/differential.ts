import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { startRuntime } from '../../infra/local/runtime.ts';
import { type Asked, play, serverAt } from './asking.ts';
import { DELIBERATE } from './deliberate.ts';
import { latencies } from './latency.ts';
import { record, recordOpen } from './recording.ts';
import { startReference } from './reference.ts';
import { SCENARIOS } from './requests.ts';
import { reviewed } from './reviewed.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const options = new Command('test:differential')
  .option(
    '--ironic <url>',
    'a real Ironic without authentication; without it the one that NODELESS_REFERENCE_IRONIC starts',
  )
  .option('--nodeless <url>', 'a running Nodeless, which is emptied; without it one in memory')
  .option('--only <pattern>', 'scenarios whose name matches', '')
  .option('--json <file>', 'writes what differs without a reason')
  .option('--record', "keeps Ironic's answers for npm test")
  .option('--latency', 'only the times of show, list and patch')
  .parse()
  .opts<{ ironic?: string; nodeless?: string; only: string; json?: string; record?: true; latency?: true }>();

const reference =
  options.ironic === undefined ? await startReference() : { url: options.ironic, stop: () => undefined };
if (reference === undefined) {
  console.log('skipped: no real Ironic. Give --ironic URL, or its starter in NODELESS_REFERENCE_IRONIC');
} else {
  const runtime = options.nodeless
    ? undefined
    : await startRuntime({ operatorPort: 0, agentPort: 0, host: '127.0.0.1', log: silent });
  const nodelessUrl = options.nodeless ?? runtime?.operatorUrl ?? '';
  try {
    if (options.latency) await latencies(reference.url, nodelessUrl);
    else await compareAll(reference.url, nodelessUrl);
  } finally {
    await runtime?.close();
    reference.stop();
  }
}

async function compareAll(ironicUrl: string, nodelessUrl: string): Promise<void> {
  const chosen = SCENARIOS.filter(({ name }) => new RegExp(options.only).test(name));
  const servers = await Promise.all([serverAt(ironicUrl), serverAt(nodelessUrl)]);
  const all: [ironic: Asked[], nodeless: Asked[]] = [[], []];
  for (const scenario of chosen) {
    try {
      const [ironic, nodeless] = await Promise.all(servers.map((server) => play(server, scenario)));
      all[0].push(...(ironic ?? []));
      all[1].push(...(nodeless ?? []));
    } catch (error) {
      console.log(`${scenario.name} did not end: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
  }
  const { requests, unexplained, open, explained } = reviewed(...all);
  for (const { line, at, ironic, nodeless } of unexplained) {
    console.log(`${line}\n    ${at}: Ironic ${JSON.stringify(ironic)}, Nodeless ${JSON.stringify(nodeless)}`);
  }
  console.log(
    `\n${requests} requests, ${unexplained.length} new differences, ${open.length} known without a reason, with one:`,
  );
  for (const one of DELIBERATE) console.log(`  ${String(explained.get(one) ?? 0).padStart(4)}  ${one.reason}`);
  if (options.json) writeFileSync(options.json, JSON.stringify([...open, ...unexplained], null, 2));
  if (options.record) {
    record(all[0]);
    recordOpen([...open, ...unexplained]);
  }
  if (unexplained.length > 0) process.exitCode = 1;
}
