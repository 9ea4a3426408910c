import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../../infra/bundling/bundle.ts';
import type { BenchSite } from './bench-site.ts';
import { environmentOf, heartbeatEvent } from './heartbeat-event.ts';
import { canCount, instructions, PREDICTABLE } from './instructions.ts';
import type { Row } from './row.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FUNCTION = 'agent-heartbeat';
const BUDGET = 0.75;

/** Load and first answer of the heartbeat as it is deployed, beside the same source bundled with esbuild's defaults. */
export async function startupRows(site: BenchSite): Promise<Row[]> {
  const what = 'start of the heartbeat: load and first answer';
  const row = { what, unit: 'of a bundle with default options, in instructions', budget: BUDGET };
  if (!(await canCount())) return [{ ...row, note: 'needs valgrind' }];
  const deployed = bundle([FUNCTION]);
  const folder = await mkdtemp(join(tmpdir(), 'nodeless-startup-'));
  try {
    const program = join(folder, 'program.cjs');
    const usual = join(folder, 'index.js');
    const options = { bundle: true, platform: 'node', absWorkingDir: ROOT, logLevel: 'error' } as const;
    await build({ ...options, entryPoints: [join(import.meta.dirname, 'startup-program.ts')], outfile: program });
    await build({ ...options, entryPoints: [`functions/lambda/${FUNCTION}.ts`], outfile: usual });
    const event = JSON.stringify(await heartbeatEvent(site));
    const env = environmentOf(site);
    const empty = await instructions(program, [], { env, flags: PREDICTABLE });
    const count = async (one: string) =>
      (await instructions(program, [one, event], { env, flags: PREDICTABLE })) - empty;
    const ours = await count(join(deployed.folder, FUNCTION, 'index.js'));
    const theirs = await count(usual);
    const note = `${Math.round(ours / 1e6)} million of ${Math.round(theirs / 1e6)} million`;
    return [{ ...row, measured: Number((ours / theirs).toFixed(2)), note }];
  } finally {
    await Promise.all([folder, deployed.folder].map((one) => rm(one, { recursive: true, force: true })));
  }
}
