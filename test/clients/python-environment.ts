import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nodeless');
const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const RECENT = 'import sys; sys.exit(sys.version_info < (3, 11))';

export type Installed = { executable: string } | { skipped: string };

/** Pinned programs from PyPI in a folder of their own (`<cache>/<name>`), made once for each `requirements` file. */
export function pythonEnvironment(given: { name: string; requirements: string; program: string }): Installed {
  const python = PYTHONS.find((name) => spawnSync(name, ['-c', RECENT]).status === 0);
  if (python === undefined) return { skipped: 'Python 3.11 or newer is not installed' };
  const wanted = readFileSync(given.requirements, 'utf8');
  const venv = join(CACHE, given.name, 'venv');
  const mark = join(venv, 'installed-requirements');
  const executable = join(venv, 'bin', given.program);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted && existsSync(executable)) return { executable };
  mkdirSync(join(CACHE, given.name), { recursive: true });
  rmSync(venv, { recursive: true, force: true });
  const made = spawnSync(python, ['-m', 'venv', venv], { encoding: 'utf8' });
  if (made.status !== 0) return { skipped: `python -m venv does not work here: ${lastLine(made)}` };
  const patient = ['--retries', '8', '--timeout', '60'];
  const pip = ['--disable-pip-version-check', '-q', 'install', ...patient, '-r', given.requirements];
  const installed = spawnSync(join(venv, 'bin', 'pip'), pip, { encoding: 'utf8' });
  if (installed.status !== 0) return { skipped: `PyPI did not give ${given.program}: ${lastLine(installed)}` };
  writeFileSync(`${mark}.new`, wanted);
  renameSync(`${mark}.new`, mark);
  return { executable };
}

function lastLine({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
}
