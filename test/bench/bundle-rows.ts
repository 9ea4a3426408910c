import { rmSync } from 'node:fs';
import { bundle } from '../../infra/bundling/bundle.ts';
import type { Row } from './row.ts';

const NAME = 'agent-heartbeat';

/** The function as it is deployed. */
export function bundleRows(): Row[] {
  const { folder, contents } = bundle([NAME]);
  rmSync(folder, { recursive: true, force: true });
  const { bytes = Number.NaN, inputs = {} } = contents[NAME] ?? {};
  // A package that is imported but shaken out costs nothing.
  const files = Object.keys(inputs).filter((path) => inputs[path]?.bytesInOutput);
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
