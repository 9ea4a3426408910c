import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Row } from './row.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ENTRY = 'functions/lambda/agent-heartbeat.ts';
export async function bundleRows(): Promise<Row[]> {
  const { metafile } = await build({
    entryPoints: [resolve(ROOT, ENTRY)],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    outfile: 'heartbeat.mjs',
    logLevel: 'error',
  });
  const bytes = Object.values(metafile.outputs).reduce((sum, one) => sum + one.bytes, 0);
  const packages = new Set(
    Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
  );
  const unwanted = [...packages].filter((name) => /^(zod|@aws-sdk\/lib-dynamodb|yaml|bcryptjs)$/.test(name));
  const what = 'bundle of the heartbeat function';
  return [
    {
      what,
      unit: 'KB, minified',
      measured: Math.round(bytes / 1000),
      budget: 400,
    },
    { what, unit: 'packages it must not hold', measured: unwanted.length, budget: 0, note: unwanted.join(', ') },
  ];
}
