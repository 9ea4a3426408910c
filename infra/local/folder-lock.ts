import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Conflict } from '../../shared/errors.ts';

/** The one before us may be on its way out: it was told to end, and somebody starts it again. */
const PATIENCE_MS = 5000;
/** A lock that says nothing is being written at this moment; later its holder died over it. */
const WRITING_MS = 10_000;

/**
 * Makes a data folder ours until the function that it returns is called: two sweepers would take each other's runs for
 * dead. A holder that died, however, has it no more. Throws Conflict.
 */
export async function lockFolder(folder: string, patienceMs = PATIENCE_MS): Promise<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, 'lock');
  const mine = `${process.pid} ${beganAt(process.pid)}`;
  for (const until = Date.now() + patienceMs; !take(lock, mine); await sleep(100)) {
    if (Date.now() < until) continue;
    const [pid] = read(lock).split(' ');
    throw new Conflict(
      `another Nodeless (pid ${pid || 'unknown'}) uses ${folder}; end it or set NODELESS_DATA to another folder`,
    );
  }
  return () => {
    if (read(lock) === mine) rmSync(lock, { force: true });
  };
}

function take(lock: string, mine: string): boolean {
  try {
    writeFileSync(lock, mine, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const theirs = read(lock);
  // Still the same after the look at its holder: who came first may have made it theirs meanwhile.
  if (isStale(lock, theirs) && read(lock) === theirs) rmSync(lock, { force: true });
  return false;
}

function isStale(lock: string, holder: string): boolean {
  const [pid = '', ...began] = holder.split(' ');
  if (pid === '') {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    return since !== undefined && Date.now() - since > WRITING_MS;
  }
  // Numbers are used again, after a reboot or in a new container often the same ones: the start time tells them apart.
  return !isAlive(Number(pid)) || beganAt(Number(pid)) !== began.join(' ');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process began, in whatever words this system has for it. One that ended and that nobody waited for has not. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything. After it: the state, and as the 22nd field ticks since the boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : `${bootId()} ${fields[19]}`;
  } catch {
    return spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

function read(lock: string): string {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return '';
  }
}
