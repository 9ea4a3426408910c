import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { PYENV, PYTHON } from '../settings.ts';

export interface Machine {
  python: string;
  java: string;
}

/** The Python and the Java of this machine, or what it lacks. */
export function machine(): Machine | string {
  if (process.platform !== 'linux') return 'a LocalStack without Docker needs Linux';
  const python = findPython();
  if (python === undefined) return 'no Python 3.13 is here (LocalStack 4.14 needs it; NODELESS_PYTHON names one)';
  const { stderr } = spawnSync('java', ['-XshowSettings:properties', '-version'], { encoding: 'utf8' });
  const java = /java\.home = (.+)/.exec(stderr ?? '')?.[1]?.trim();
  if (java === undefined) return 'no Java is here (DynamoDB Local needs 17 or newer)';
  const major = Number(/java\.specification\.version = (\d+)/.exec(stderr)?.[1]);
  if (!(major >= 17)) return `Java ${major} is too old (DynamoDB Local needs 17 or newer)`;
  return { python, java };
}

function findPython(): string | undefined {
  const pyenv = globSync('versions/3.13*/bin/python', { cwd: PYENV }).map((path) => join(PYENV, path));
  for (const candidate of PYTHON === undefined ? ['python3.13', ...pyenv, 'python3'] : [PYTHON]) {
    // It is run, as pyenv's shims are there for versions that are not chosen.
    const script = 'import sys, ssl, venv; assert sys.version_info[:2] == (3, 13); print(sys.executable)';
    const { status, stdout } = spawnSync(candidate, ['-c', script], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}
