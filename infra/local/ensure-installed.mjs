/**
 * Runs Node 24 from node_modules with the arguments given, after installing what a fresh clone lacks.
 * Plain JavaScript without dependencies: it runs on the machine's own Node, before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const parent = process.ppid;
const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');
const node24 = join(modules, '.bin', 'node');
const lock = join(root, '.nodeless', 'install.lock');

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

/** Compares what is installed with the lock file, by version: times of files say little after a checkout. */
function isInstalled() {
  try {
    const installed = packagesOf(join(modules, '.package-lock.json'));
    const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')));
    const missing = wanted.some(
      ([path, { version, optional }]) => path !== '' && !optional && installed[path]?.version !== version,
    );
    return !missing && existsSync(node24);
  } catch {
    return false;
  }
}

function npm(...args) {
  // Without our own .bin on the PATH: an install must not run on the Node that it replaces.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !resolve(folder).startsWith(modules));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const flags = ['--include=dev', '--include=optional', '--no-audit', '--no-fund', '--fetch-retries=5'];
  // Everything to stderr: stdout belongs to the command that was asked for.
  return spawnSync('npm', [...args, ...flags], { cwd: root, env, stdio: ['ignore', 2, 2] }).status ?? 1;
}

/** The lock is a folder, because making one is atomic; the holder's process id tells a crash from work. */
function takeLock() {
  mkdirSync(join(root, '.nodeless'), { recursive: true });
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return true;
  } catch {
    if (holderIsGone()) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function holderIsGone() {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'ESRCH') return true;
    // No id yet: just made, or its holder died at once.
    return existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 10_000;
  }
}

async function install() {
  for (let waited = false; !takeLock(); waited = true) {
    if (!waited) console.error('nodeless: another command is installing the dependencies; waiting for it ...');
    await sleep(300);
  }
  try {
    if (isInstalled()) return 0;
    console.error('nodeless: installing the dependencies, once ...');
    // `ci` in a fresh clone only: it empties node_modules under the feet of a command that runs. `install` is what is
    // left where `ci` refuses a lock file; the versions come from it all the same.
    let status = existsSync(modules) ? 1 : npm('ci');
    if (status !== 0) status = npm('install', '--no-save');
    for (const seconds of [10, 60]) {
      if (status === 0) break;
      console.error(`nodeless: npm install failed (${status}), see above; once more in ${seconds} s ...`);
      await sleep(seconds * 1000);
      status = npm('install', '--no-save');
    }
    if (status !== 0) return status;
    if (!existsSync(node24)) npm('rebuild', 'node', '--foreground-scripts', '--ignore-scripts=false');
    if (!existsSync(node24)) {
      console.error('nodeless: Node 24 is missing from node_modules. Does npm skip install scripts (ignore-scripts)?');
      return 1;
    }
    return 0;
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

const status = isInstalled() ? 0 : await install();
if (status !== 0) process.exit(status);
const env = { ...process.env, PATH: `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}` };
// The channel carries nothing: whoever serves hears of our end by it, however it comes (main.ts).
const child = spawn(node24, process.argv.slice(2), { cwd: root, env, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`nodeless: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));

// npm may be killed without a word to us: what it started must not go on without it. What serves says `exec` in
// package.json, so that no shell stands between. Who starts us without npm may leave us behind on purpose.
if (process.env.npm_lifecycle_event !== undefined) {
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000);
  }, 250);
}
