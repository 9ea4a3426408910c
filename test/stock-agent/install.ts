import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nodeless', 'stock-agent');
const PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const RECENT = 'import sys; sys.exit(sys.version_info < (3, 11))';

export type Installed = { executable: string } | { skipped: string };

/** The pinned agent in a folder of its own, made once. */
export function installedAgent(): Installed {
  if (process.platform !== 'linux') return { skipped: 'the agent runs on Linux only' };
  const python = PYTHONS.find((name) => spawnSync(name, ['-c', RECENT]).status === 0);
  if (python === undefined) return { skipped: 'Python 3.11 or newer is not installed' };
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  const venv = join(CACHE, 'venv');
  const mark = join(venv, 'installed-requirements');
  const executable = join(venv, 'bin', 'ironic-python-agent');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted && existsSync(executable)) return { executable };
  mkdirSync(CACHE, { recursive: true });
  rmSync(venv, { recursive: true, force: true });
  const made = spawnSync(python, ['-m', 'venv', venv], { encoding: 'utf8' });
  if (made.status !== 0) return { skipped: `python -m venv does not work here: ${lastLine(made)}` };
  const pip = ['--disable-pip-version-check', '-q', 'install', '-r', REQUIREMENTS];
  const installed = spawnSync(join(venv, 'bin', 'pip'), pip, { encoding: 'utf8' });
  if (installed.status !== 0) return { skipped: `PyPI did not give the agent: ${lastLine(installed)}` };
  writeFileSync(`${mark}.new`, wanted);
  renameSync(`${mark}.new`, mark);
  return { executable };
}

function lastLine({ stdout, stderr }: { stdout: string; stderr: string }): string {
  return `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
}
