import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { CONTEXT, ENVIRONMENT } from './settings.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CDKLOCAL = resolve(ROOT, 'node_modules/aws-cdk-local/bin/cdklocal');

/** Runs cdklocal with our options, shows what it says and returns it. */
export function cdklocal(...commands: string[]): Promise<{ code: number; output: string }> {
  const context = Object.entries(CONTEXT).flatMap(([name, value]) => ['--context', `nodeless:${name}=${value}`]);
  const child = spawn(process.execPath, [CDKLOCAL, ...commands, '--output', 'cdk.out/localstack', ...context], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const show = (chunk: Buffer) => {
    output += chunk.toString();
    process.stderr.write(chunk);
  };
  child.stdout.on('data', show);
  child.stderr.on('data', show);
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('close', (code) => done({ code: code ?? 1, output }));
  });
}
