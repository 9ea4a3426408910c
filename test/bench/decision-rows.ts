import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { canCount, INTERPRETED, instructions } from './instructions.ts';
import type { Row } from './row.ts';

const PROGRAM = join(import.meta.dirname, 'decision-program.ts');
/** Interpreted, which is the same on every machine; compiled code needs far fewer. */
const BUDGET_MILLIONS = 20;
const MORE = 10;

/** Instructions of one explained decision over 20 candidates: of eleven without those of one, by valgrind. */
export async function decisionRows(): Promise<Row[]> {
  const row = { what: 'explained decision, 20 candidates', unit: 'million instructions, interpreted' };
  if (!(await canCount())) return [{ ...row, note: 'needs valgrind' }];
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
    const count = (times: number) => instructions(program, [String(times)], { flags: INTERPRETED });
    const [one, many] = await Promise.all([count(1), count(1 + MORE)]);
    const measured = Number(((many - one) / MORE / 1e6).toFixed(1));
    return [{ ...row, measured, budget: BUDGET_MILLIONS }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
