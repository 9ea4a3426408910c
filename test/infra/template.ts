import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { bundle } from '../../infra/bundling/bundle.ts';
import { type Finding, nagFindings } from '../../infra/nag.ts';
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
  /** What `cdk synth` and `cdk deploy` say beside. */
  warnings: string[];
}

let bundles: string | undefined;

/** Bundled once: the options do not change what is bundled. */
export function bundledOnce(): string {
  if (bundles === undefined) {
    const { folder } = bundle(FUNCTION_NAMES);
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    bundles = folder;
  }
  return bundles;
}

export const synth = (options: Record<string, unknown> = {}): Synthesised => synthFrom(bundledOnce(), options);

/** What cdk-nag finds in the app with these options, before any suppression. */
export function nagOf(options: Record<string, unknown>): Finding[] {
  const outdir = mkdtempSync(join(tmpdir(), 'nodeless-nag-'));
  try {
    const app = new App({ outdir, context: contextOf(options) });
    nodelessApp(app, bundledOnce());
    // Not by way of the validation of a synthesis: that one would throw at the first finding.
    app.synth({ skipValidation: true });
    return nagFindings(app);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const contextOf = (options: Record<string, unknown>) => ({
  ...CDK.context,
  ...Object.fromEntries(Object.entries(options).map(([name, value]) => [`nodeless:${name}`, value])),
});

/** Both templates as `cdk synth` writes them, with these options (without their prefix). */
export function synthFrom(folder: string | undefined, options: Record<string, unknown> = {}): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), 'nodeless-synth-'));
  try {
    const app = new App({ outdir, context: contextOf(options) });
    const stacks = nodelessApp(app, folder);
    const { messages } = app.synth().getStackByName(stacks.controlPlane.stackName);
    const names = readdirSync(outdir).filter((name) => /\.(template|assets)\.json$/.test(name));
    const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
    const resources = (stack: string) => JSON.parse(files[`${stack}.template.json`] ?? '{}').Resources;
    return {
      files,
      data: resources(stacks.data.stackName),
      controlPlane: resources(stacks.controlPlane.stackName),
      warnings: messages.map(({ entry }) => String(entry.data)),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

export const ofType = (resources: Record<string, Resource>, type: string): [string, Resource][] =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
