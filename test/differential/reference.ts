import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export interface Reference {
  url: string;
  /** What the starter says for `status` and `paths`. */
  tell(word: 'status' | 'paths'): string;
  stop(): void;
}

/** A real Ironic on a free port, from a starter that knows `up --port N` and `down --port N`. Undefined = there is none. */
export async function startReference(...options: string[]): Promise<Reference | undefined> {
  const beside = fileURLToPath(new URL('../../../shared/interop/reference-ironic', import.meta.url));
  const starter = process.env['NODELESS_REFERENCE_IRONIC'] ?? beside;
  if (!existsSync(starter)) return undefined;
  const port = String(await freePort());
  execFileSync(starter, ['up', '--port', port, ...options], { stdio: ['ignore', 2, 2] });
  const stop = () => void execFileSync(starter, ['down', '--port', port], { stdio: ['ignore', 2, 2] });
  const tell = (word: string) => execFileSync(starter, [word, '--port', port], { encoding: 'utf8' });
  return { tell, url: `http://127.0.0.1:${port}`, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
