import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { Log } from '../../shared/log.ts';
import { type EngineProcess, startEngineProcess } from './engine-process.ts';
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
  log?: Pick<Log, 'error'> | undefined;
  /** It ended by itself, and cannot be had again as it was. */
  onLost?: ((why: string) => void) | undefined;
}

/** An engine that ends more often than so many times in a minute is not worth another start. */
const MOST_RESTARTS = 3;
const A_MINUTE_MS = 60_000;

/** A real DynamoDB engine, from npm, as a child process. One that ends while its folder keeps the data is started again. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  if (options.endpoint) return { endpoint: options.endpoint, close: async () => undefined };
  const { dataFolder } = options;
  const binary = engineBinary();
  if (!binary) {
    throw new Error(
      'No DynamoDB engine: install the optional @dynoxide package, put `dynoxide` on PATH, or give an endpoint',
    );
  }
  if (dataFolder) mkdirSync(dataFolder, { recursive: true });
  const where = dataFolder ? ['--db-path', join(dataFolder, 'dynamodb.sqlite')] : [];
  const startOn = (port: number) => startEngineProcess(binary, port, where);
  for (let attempt = 1; ; attempt += 1) {
    const port = await quietPort();
    const first = await startOn(port);
    if (first) {
      const watched = watch(first, dataFolder === undefined ? undefined : () => startOn(port), options);
      return { endpoint: first.endpoint, close: watched };
    }
    // Somebody else may have taken the port in between.
    if (attempt === 3) throw new Error('The DynamoDB engine did not start');
  }
}

/** Starts it again when it ends without us; what it returns ends it for good. */
function watch(
  first: EngineProcess,
  again: (() => Promise<EngineProcess | undefined>) | undefined,
  { log, onLost }: Pick<EngineOptions, 'log' | 'onLost'>,
): () => Promise<void> {
  let closing = false;
  let current = first;
  let ends: number[] = [];
  const lost = (why: string) => (onLost ? onLost(why) : log?.error(why));
  const follow = async (): Promise<void> => {
    for (;;) {
      const how = await current.ended;
      if (closing) return;
      if (!again) return lost(`the DynamoDB engine ended (${how}), and what was in its memory is gone: start anew`);
      ends = [...ends.filter((at) => Date.now() - at < A_MINUTE_MS), Date.now()];
      if (ends.length > MOST_RESTARTS) {
        return lost(`the DynamoDB engine ends again and again (${how}): is the disk full, or its file damaged?`);
      }
      log?.error('the DynamoDB engine ended; its folder has the data, so it is started again', { reason: how });
      const next = await again();
      if (next) current = next;
      if (closing) return current.close();
      if (!next) return lost(`the DynamoDB engine ended (${how}) and does not start again: see its folder`);
    }
  };
  const following = follow();
  return async () => {
    closing = true;
    await current.close();
    await following;
  };
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
