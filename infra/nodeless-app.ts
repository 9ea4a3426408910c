import { rmSync } from 'node:fs';
import type { App } from 'aws-cdk-lib';
import { type Configuration, completed } from '../shared/configuration.ts';
import { INBOX_LIMITS } from '../shared/inbox/room.ts';
import { bundle } from './bundling/bundle.ts';
import { hookProblems } from './hook-grants.ts';
import { readConfigurationFile } from './local/configuration.ts';
import { nagFindings, unsuppressed } from './nag.ts';
import { readOptions } from './options.ts';
import { FUNCTION_NAMES } from './permissions.ts';
import { ControlPlaneStack } from './stacks/control-plane-stack.ts';
import { DataStack } from './stacks/data-stack.ts';

/** Both stacks. Without a configuration a stranger's machine is held for a person. `bundles`: made already. */
export function nodelessApp(app: App, bundles?: string): { data: DataStack; controlPlane: ControlPlaneStack } {
  const options = readOptions(app.node.getAllContext() as Record<string, unknown>);
  const folder = bundles ?? bundle(FUNCTION_NAMES).folder;
  const configuration = configurationOf(options.configuration);
  const keepDays = configuration.inbox?.keepDays ?? INBOX_LIMITS.keepDays;
  const data = new DataStack(app, `${options.name}-Data`, { options, keepDays });
  const controlPlane = new ControlPlaneStack(app, options.name, {
    options,
    configuration,
    data,
    bundles: folder,
  });
  app.node.addValidation({ validate: () => unsuppressed(nagFindings(app)) });
  // The assembly has its own copies by now.
  if (bundles === undefined) rmSync(folder, { recursive: true, force: true });
  return { data, controlPlane };
}

function configurationOf(path: string | undefined): Configuration {
  const configuration = completed(path === undefined ? {} : readConfigurationFile(path));
  const problems = hookProblems(configuration.hooks);
  if (problems.length > 0) throw new Error(`${path}: ${problems.join('; ')}`);
  return configuration;
}
