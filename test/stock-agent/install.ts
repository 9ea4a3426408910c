import { join } from 'node:path';
import { type Installed, pythonEnvironment } from '../clients/python-environment.ts';

/** The pinned agent in a folder of its own, made once. */
export function installedAgent(): Installed {
  if (process.platform !== 'linux') return { skipped: 'the agent runs on Linux only' };
  const requirements = join(import.meta.dirname, 'requirements.txt');
  return pythonEnvironment({ name: 'stock-agent', requirements, program: 'ironic-python-agent' });
}
