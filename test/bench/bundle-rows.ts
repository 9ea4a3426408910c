import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import type { Row } from './row.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const ENTRY = 'functions/lambda/heartbeat.ts';
/** While there is no such entry: what it has to hold. */
const STAND_IN = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import { heartbeatHandler } from './functions/agent/heartbeat.ts';
import { DynamoSessionStore } from './shared/adapters/dynamodb/session-store.ts';
import { StepFunctionsWorkflow } from './shared/adapters/step-functions/workflow.ts';
import middy from '@middy/core';
export const parts = { DynamoDBClient, SFNClient, heartbeatHandler, DynamoSessionStore, StepFunctionsWorkflow, middy };
`;

export async function bundleRows(): Promise<Row[]> {
  const real = existsSync(resolve(ROOT, ENTRY));
  const entry: BuildOptions = real
    ? { entryPoints: [resolve(ROOT, ENTRY)] }
    : { stdin: { contents: STAND_IN, resolveDir: ROOT, loader: 'ts' } };
  const { metafile } = await build({
    ...entry,
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
      ...(real ? {} : { note: 'of its parts: the function itself is not there yet' }),
    },
    { what, unit: 'packages it must not hold', measured: unwanted.length, budget: 0, note: unwanted.join(', ') },
  ];
}
