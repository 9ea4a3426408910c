import { resolve } from 'node:path';
import { build } from 'esbuild';
import type { Row } from './row.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ENTRY = 'functions/lambda/agent-heartbeat.ts';

/** The function as it is deployed: minified ESM, the packages' own modules first. */
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
  const outputs = Object.values(metafile.outputs);
  const bytes = outputs.reduce((sum, one) => sum + one.bytes, 0);
  // A package that is imported but shaken out costs nothing.
  const files = outputs.flatMap(({ inputs }) => Object.keys(inputs).filter((path) => inputs[path]?.bytesInOutput));
  const packages = new Set(files.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
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
