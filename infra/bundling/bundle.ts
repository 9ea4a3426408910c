import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Bundles {
  /** Folder with `<name>/index.js`. */
  folder: string;
  /** What is in each: input file → bytes in the output. */
  contents: Record<string, Metafile['outputs'][string]>;
}

/** All functions in one run of esbuild. The same sources give the same bytes, so nothing is redeployed in vain. */
export function bundle(names: readonly string[]): Bundles {
  const folder = mkdtempSync(join(tmpdir(), 'nodeless-bundles-'));
  const { metafile } = buildSync({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, `functions/lambda/${name}.ts`])),
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // CommonJS out of ES modules: only the sources that are used, and the faster start of the two.
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    // Step Functions retries by the names of errors.
    keepNames: true,
    legalComments: 'none',
    alias: { '@aws-sdk/credential-provider-node': resolve(import.meta.dirname, 'environment-credentials.ts') },
    metafile: true,
    logLevel: 'warning',
  });
  const outputs = Object.entries(metafile.outputs);
  const contents = names.flatMap((name) =>
    outputs.filter(([file]) => file.endsWith(`/${name}/index.js`)).map(([, output]) => [name, output] as const),
  );
  return { folder, contents: Object.fromEntries(contents) };
}
