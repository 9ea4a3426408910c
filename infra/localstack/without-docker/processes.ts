import { spawn } from 'node:child_process';
import { globSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE, isThere, LOCALSTACK_ENVIRONMENT, PORT } from '../settings.ts';
import { install, layOut, python } from './install.ts';
import { machine } from './machine.ts';

const READY_SECONDS = 300;
/** All that belongs to one LocalStack; two on different ports do not meet. */
const home = join(CACHE, 'localstack', `port-${PORT}`);
const log = join(home, 'localstack.log');
const pidFile = join(home, 'pid');

/** Starts LocalStack on 127.0.0.1, and installs it before if need be. Says why it could not. */
export async function startProcesses(): Promise<true | string> {
  const found = machine();
  if (typeof found === 'string') return found;
  const installed = install(found);
  if (installed !== true) return installed;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'tmp'), { recursive: true });
  layOut(join(home, 'files'), found);
  const output = openSync(log, 'w');
  const child = spawn(python, ['-m', 'localstack.runtime.main'], {
    env: { ...LOCALSTACK_ENVIRONMENT, ...settings() },
    stdio: ['ignore', output, output],
    detached: true,
  });
  writeFileSync(pidFile, String(child.pid));
  child.unref();
  for (let waited = 0; waited < READY_SECONDS; waited++) {
    if (await isThere()) return true;
    if (child.exitCode !== null) break;
    await sleep(1000);
  }
  await stopProcesses();
  return `LocalStack does not answer at port ${PORT}; its log is ${log}`;
}

const settings = (): Record<string, string> => ({
  OVERRIDE_IN_DOCKER: '0',
  FILESYSTEM_ROOT: join(home, 'files'),
  TMPDIR: join(home, 'tmp'),
  GATEWAY_LISTEN: `127.0.0.1:${PORT}`,
  GATEWAY_SERVER: 'twisted-loopback',
  LAMBDA_RUNTIME_EXECUTOR: 'node-process',
  NODELESS_NODE: process.execPath,
  DYNAMODB_IN_MEMORY: '1',
  SQS_ENDPOINT_STRATEGY: 'dynamic',
  // It asks nothing of its makers, downloads nothing and serves no names.
  API_ENDPOINT: 'http://127.0.0.1:9',
  DISABLE_EVENTS: '1',
  SKIP_SSL_CERT_DOWNLOAD: '1',
  DNS_ADDRESS: '0',
  DOCKER_CMD: 'false',
  PYTHONPATH: resolve(import.meta.dirname, 'plugin'),
  PYTHONPYCACHEPREFIX: join(home, 'pycache'),
});

/** Ends what startProcesses() started, with all that it started itself. False: there was none. */
export async function stopProcesses(): Promise<boolean> {
  const pid = running();
  if (pid === undefined) return false;
  const all = [pid, ...descendants(pid)];
  process.kill(pid, 'SIGTERM');
  for (let waited = 0; waited < 100 && running() !== undefined; waited++) await sleep(100);
  for (const one of all) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  rmSync(pidFile, { force: true });
  return true;
}

/** By its command line, as the number may be another program's by now. */
function running(): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('localstack.runtime.main') ? pid : undefined;
  } catch {
    return undefined;
  }
}

function descendants(pid: number): number[] {
  const children = globSync(`/proc/${pid}/task/*/children`).flatMap((path) =>
    readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}
