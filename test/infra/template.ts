import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundle } from '../../infra/bundling/bundle.ts';
import { nodelessApp } from '../../infra/nodeless-app.ts';
import { FUNCTION_NAMES } from '../../infra/permissions.ts';

const CDK = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
}
export interface Synthesised {
  /** Every file of the assembly that is a template or names assets, by name. */
  files: Record<string, string>;
  data: Record<string, Resource>;
  controlPlane: Record<string, Resource>;
}

let bundles: string | undefined;

/** Bundled once: the options do not change what is bundled. */
export function synth(options: Record<string, unknown> = {}): Synthesised {
  if (bundles === undefined) {
    const { folder } = bundle(FUNCTION_NAMES);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    bundles = folder;
  }
  return synthFrom(bundles, options);
}

/** Both templates as `cdk synth` writes them, with these options (without their prefix). */
export function synthFrom(folder: string | undefined, options: Record<string, unknown> = {}): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), 'nodeless-synth-'));
  try {
    const given = Object.entries(options).map(([name, value]) => [`nodeless:${name}`, value] as const);
    const app = new App({ outdir, context: { ...CDK.context, ...Object.fromEntries(given) } });
    const stacks = nodelessApp(app, folder);
    app.synth();
    const names = readdirSync(outdir).filter((name) => /\.(template|assets)\.json$/.test(name));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
    const resources = (stack: string) => JSON.parse(files[`${stack}.template.json`] ?? '{}').Resources;
    return {
      files,
      data: resources(stacks.data.stackName),
      controlPlane: resources(stacks.controlPlane.stackName),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export const ofType = (resources: Record<string, Resource>, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
