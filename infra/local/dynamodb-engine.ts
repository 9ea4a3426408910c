import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietPort } from './quiet-port.ts';

export interface Engine {
  endpoint: string;
  close(): Promise<void>;
}
export interface EngineOptions {
  /** One that runs already: nothing is started, nothing is stopped. */
  endpoint?: string | undefined;
  /** Keeps the data; in memory without it. */
  dataFolder?: string | undefined;
}

const PATIENCE_MS = 30_000;
/**
 * The shell becomes the engine; its watchdog kills the engine when we are gone, however we went (SIGKILL too):
 * the pipe to its standard input closes then.
 */
const LIVE_AND_DIE_WITH_US = 'exec 3<&0; { read -r _ <&3; kill $$; } & exec "$@" </dev/null 3<&-';

/** A real DynamoDB engine, from npm, as a child process. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  if (options.endpoint) return { endpoint: options.endpoint, close: async () => undefined };
  const binary = engineBinary();
  if (!binary) {
    throw new Error(
      'No DynamoDB engine: install the optional @dynoxide package, put `dynoxide` on PATH, or give an endpoint',
    );
  }
  if (options.dataFolder) mkdirSync(options.dataFolder, { recursive: true });
  const where = options.dataFolder ? ['--db-path', join(options.dataFolder, 'dynamodb.sqlite')] : [];
  for (let attempt = 1; ; attempt += 1) {
    const port = await quietPort();
    const command = [binary, '--host', '127.0.0.1', '--port', String(port), ...where];
    const child = spawn('/bin/sh', ['-c', LIVE_AND_DIE_WITH_US, 'engine', ...command], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Its own group: a Ctrl-C is for us, and the engine serves until we have stopped.
      detached: true,
    });
    const endpoint = `http://127.0.0.1:${port}`;
    const close = tie(child);
    if (await answers(endpoint, child)) return { endpoint, close };
    await close();
    // Somebody else may have taken the port in between.
    if (attempt === 3) throw new Error('The DynamoDB engine did not start');
  }
}

function engineBinary(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const home = dirname(require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`));
    const binary = join(home, 'dynoxide');
    if (existsSync(binary)) return binary;
  } catch {
    // Not installed: it is optional.
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'dynoxide')).find((file) => existsSync(file));
}

/** The engine neither outlives this process nor keeps it alive. */
function tie(child: ChildProcess): () => Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  const kill = () => {
    child.kill('SIGTERM');
  };
  process.once('exit', kill);
  child.unref();
  const pipe = child.stdin as (NodeJS.WritableStream & { unref?(): void }) | null;
  pipe?.unref?.();
  return async () => {
    process.off('exit', kill);
    child.ref();
    kill();
    const late = setTimeout(() => child.kill('SIGKILL'), 3000);
    await gone;
    clearTimeout(late);
    child.stdin?.destroy();
  };
}

async function answers(endpoint: string, child: ChildProcess): Promise<boolean> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && child.exitCode === null && child.signalCode === null) {
    try {
      await fetch(endpoint, { signal: AbortSignal.timeout(1000) });
      return true;
    } catch {
      await sleep(20);
    }
  }
  return false;
}
