import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running engine. */
export interface EngineProcess {
  endpoint: string;
  /** How it ended: a signal, or a status. */
  ended: Promise<string>;
  close(): Promise<void>;
}

const PATIENCE_MS = 30_000;
/**
 * The shell becomes the engine; its watchdog kills the engine when we are gone, however we went (SIGKILL too):
 * the pipe to its standard input closes then.
 */
const LIVE_AND_DIE_WITH_US = 'exec 3<&0; { read -r _ <&3; kill $$; } & exec "$@" </dev/null 3<&-';

/** An engine on this port of 127.0.0.1. Undefined: it ended before it answered. */
export async function startEngineProcess(
  binary: string,
  port: number,
  more: readonly string[],
): Promise<EngineProcess | undefined> {
  const command = [binary, '--host', '127.0.0.1', '--port', String(port), ...more];
  const child = spawn('/bin/sh', ['-c', LIVE_AND_DIE_WITH_US, 'engine', ...command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Its own group: a Ctrl-C is for us, and the engine serves until we have stopped.
    detached: true,
  });
  const endpoint = `http://127.0.0.1:${port}`;
  const { ended, close } = tie(child);
  if (await answers(endpoint, child)) return { endpoint, ended, close };
  await close();
  return undefined;
}

/** The engine neither outlives this process nor keeps it alive. */
function tie(child: ChildProcess): Pick<EngineProcess, 'ended' | 'close'> {
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `status ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const kill = () => {
    child.kill('SIGTERM');
  };
  process.once('exit', kill);
  child.unref();
  const pipe = child.stdin as (NodeJS.WritableStream & { unref?(): void }) | null;
  pipe?.unref?.();
  // Its watchdog goes with it, before somebody else gets the number that it would kill.
  void ended.then(() => {
    process.off('exit', kill);
    child.stdin?.destroy();
  });
  const close = async () => {
    child.ref();
    kill();
    const late = setTimeout(() => child.kill('SIGKILL'), 3000);
    await ended;
    clearTimeout(late);
  };
  return { ended, close };
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
