import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENDPOINT, IS_NAMED, isThere } from './settings.ts';

const COMPOSE = resolve(import.meta.dirname, 'compose.yaml');
const READY_SECONDS = 180;

/** A LocalStack that answers: the one that runs already, or one in Docker. Else, why there is none. */
export async function started(): Promise<true | string> {
  if (await isThere()) return true;
  if (IS_NAMED) return `no LocalStack answers at ${ENDPOINT}, as AWS_ENDPOINT_URL says`;
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 20_000 }).status !== 0) {
    return `no LocalStack answers at ${ENDPOINT}, and no Docker daemon is here to run its image`;
  }
  const up = spawnSync('docker', ['compose', '-f', COMPOSE, 'up', '--detach'], { stdio: ['ignore', 2, 2] });
  if (up.status !== 0) return 'docker compose could not start LocalStack, see above';
  for (let waited = 0; waited < READY_SECONDS; waited++) {
    if (await isThere()) return true;
    await sleep(1000);
  }
  return `LocalStack does not answer at ${ENDPOINT} after ${READY_SECONDS} s`;
}

export function stop(): number {
  return spawnSync('docker', ['compose', '-f', COMPOSE, 'down'], { stdio: ['ignore', 2, 2] }).status ?? 1;
}
