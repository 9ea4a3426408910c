import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Row } from './row.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'decision-program.ts');
/** Interpreted, which is the same on every machine; compiled code needs far fewer. */
const BUDGET_MILLIONS = 20;
const MORE = 10;

/** Instructions of one explained decision over 20 candidates: of eleven without those of one, by valgrind. */
export async function decisionRows(): Promise<Row[]> {
  const row = { what: 'explained decision, 20 candidates', unit: 'million instructions, interpreted' };
  if (!(await isInstalled())) return [{ ...row, measured: 0, note: 'not measured: needs valgrind' }];
  const folder = await mkdtemp(join(tmpdir(), 'nodeless-decision-'));
  try {
    const program = join(folder, 'decision.cjs');
    await build({
      entryPoints: [PROGRAM],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: program,
      logLevel: 'error',
    });
    const [one, many] = await Promise.all([instructions(program, 1), instructions(program, 1 + MORE)]);
    const measured = Number(((many - one) / MORE / 1e6).toFixed(1));
    return [{ ...row, measured, budget: BUDGET_MILLIONS }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function instructions(program: string, times: number): Promise<number> {
  const node = [process.execPath, '--jitless', '--single-threaded', program, String(times)];
  const { stderr } = await run('valgrind', ['--tool=callgrind', '--callgrind-out-file=/dev/null', ...node]);
  const counted = /I\s+refs:\s+([\d,]+)/.exec(stderr)?.[1];
  if (counted === undefined) throw new Error('valgrind did not say how many instructions there were');
  return Number(counted.replaceAll(',', ''));
}

const isInstalled = (): Promise<boolean> =>
  run('valgrind', ['--version']).then(
    () => true,
    () => false,
  );
