import { createServer } from 'node:net';

/** Below where Linux takes ports from by itself, for listeners on 0 and for outgoing connections alike. */
const FIRST = 20_000;
const COUNT = 10_000;
/** Processes begin at different places. */
let next = (process.pid * 31) % COUNT;

/**
 * A port of 127.0.0.1 for a program that listens there in a moment. Nobody gets it by chance meanwhile, as happens to one
 * that was free on 0 a moment ago; and no caller of this process gets it twice.
 */
export async function quietPort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries += 1) {
    next = (next + 1) % COUNT;
    const port = FIRST + next;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port of ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
