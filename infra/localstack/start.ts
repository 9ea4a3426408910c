import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENDPOINT, IS_NAMED, isThere } from './settings.ts';
import { startProcesses, stopProcesses } from './without-docker/processes.ts';

const COMPOSE = resolve(import.meta.dirname, 'compose.yaml');
const READY_SECONDS = 300;

export type Started = { by: 'somebody else' | 'docker' | 'processes' } | { skipped: string };

/** A LocalStack that answers: the one that runs already, else one in Docker, else one without. Or why there is none. */
export async function started(): Promise<Started> {
  if (await isThere()) return { by: 'somebody else' };
  if (IS_NAMED) return { skipped: `no LocalStack answers at ${ENDPOINT}, as AWS_ENDPOINT_URL says` };
  const docker = await inDocker();
  if (docker === true) return { by: 'docker' };
  const processes = await startProcesses();
  if (processes === true) return { by: 'processes' };
  return { skipped: `no LocalStack answers at ${ENDPOINT}; with Docker: ${docker}; without: ${processes}` };
}

async function inDocker(): Promise<true | string> {
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 20_000 }).status !== 0) return 'no daemon is here';
  const up = spawnSync('docker', ['compose', '-f', COMPOSE, 'up', '--detach'], { stdio: ['ignore', 2, 2] });
  if (up.status !== 0) return 'docker compose could not start it, see above';
  for (let waited = 0; waited < READY_SECONDS; waited++) {
    if (await isThere()) return true;
    await sleep(1000);
  }
  return `it does not answer after ${READY_SECONDS} s`;
}

/** Ends what started() started. All state of LocalStack is in memory and goes with it. */
export async function stop(): Promise<number> {
  if (await stopProcesses()) return 0;
  return spawnSync('docker', ['compose', '-f', COMPOSE, 'down'], { stdio: ['ignore', 2, 2] }).status ?? 1;
}
