import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CACHE } from '../settings.ts';
import type { Machine } from './machine.ts';

const REQUIREMENTS = resolve(import.meta.dirname, 'requirements.lock');
/** DynamoDB Local comes inside a package of npm. */
const DYNAMODB = 'amplify-dynamodb-simulator@2.9.30';
const venv = join(CACHE, 'localstack', 'venv');
/** The tests of the stores keep it in the same place. */
const dynamodb = join(CACHE, 'dynamodb-local');

export const python = join(venv, 'bin', 'python');

/** LocalStack from PyPI and DynamoDB Local from npm, once. Says what could not be had. */
export function install(machine: Machine): true | string {
  const wanted = `${machine.python}\n${readFileSync(REQUIREMENTS, 'utf8')}`;
  const mark = join(venv, 'installed');
  if (!existsSync(mark) || readFileSync(mark, 'utf8') !== wanted) {
    process.stderr.write('installing LocalStack 4.14 once\n');
    rmSync(venv, { recursive: true, force: true });
    mkdirSync(dirname(venv), { recursive: true });
    const patient = ['--retries', '8', '--timeout', '60'];
    const pip = [
      '-m',
      'pip',
      '-q',
      '--disable-pip-version-check',
      'install',
      ...patient,
      '--no-deps',
      '-r',
      REQUIREMENTS,
    ];
    const failed = problem(machine.python, ['-m', 'venv', venv]) ?? problem(python, pip);
    if (failed !== undefined) return `PyPI did not give LocalStack: ${failed}`;
    writeFileSync(mark, wanted);
  }
  const emulator = join(dynamodb, 'node_modules', 'amplify-dynamodb-simulator', 'emulator');
  if (existsSync(emulator)) return true;
  process.stderr.write('installing DynamoDB Local once\n');
  mkdirSync(dynamodb, { recursive: true });
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=5'];
  const npm = ['install', '--prefix', dynamodb, ...quiet, DYNAMODB];
  const failed = problem('npm', npm);
  return failed === undefined ? true : `npm did not give DynamoDB Local: ${failed}`;
}

/** Where LocalStack looks for programs before it downloads them: in `lib` of its own folders. */
export function layOut(files: string, machine: Machine): void {
  const lib = join(files, 'var', 'lib', 'localstack', 'lib');
  rmSync(lib, { recursive: true, force: true });
  mkdirSync(join(lib, 'dynamodb-local'), { recursive: true });
  symlinkSync(join(dynamodb, 'node_modules/amplify-dynamodb-simulator/emulator'), join(lib, 'dynamodb-local', '2'));
  const java = join(lib, 'java', '21');
  mkdirSync(join(java, 'bin'), { recursive: true });
  symlinkSync(join(machine.java, 'lib'), join(java, 'lib'));
  writeFileSync(join(java, 'bin', 'java'), javaScript(join(machine.java, 'bin', 'java')));
  chmodSync(join(java, 'bin', 'java'), 0o755);
}

/** Without the agent that LocalStack loads into DynamoDB Local for more than 20 indexes a table, and not for longer than LocalStack runs. */
const javaScript = (java: string): string => `#!/usr/bin/env bash
for argument; do
  shift
  [[ $argument == -javaagent:*ddb-local-loader* ]] || set -- "$@" "$argument"
done
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL '${java}' "$@"; fi
exec '${java}' "$@"
`;

function problem(program: string, args: string[]): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return undefined;
  return error?.message ?? `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? 'no reason given';
}
