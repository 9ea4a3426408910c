import { z } from 'zod';
import { braked } from '../../functions/middleware/login-brake.ts';
import { systemClock } from '../../shared/clock.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { basicAuthentication, usersOf } from './basic-auth.ts';
import { readConfigurationFile } from './configuration.ts';
import { hookSecrets } from './hook-secrets.ts';
import type { RuntimeOptions } from './runtime.ts';

const port = (preset: number) => z.coerce.number().int().min(0).max(65_535).default(preset);

const environment = z.object({
  NODELESS_OPERATOR_PORT: port(6385),
  NODELESS_AGENT_PORT: port(6386),
  NODELESS_HOST: z.string().default('127.0.0.1'),
  NODELESS_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  NODELESS_TRUST_PROXY: z.stringbool().default(false),
  NODELESS_DATA: z.string().default('.nodeless'),
  NODELESS_AUTH: z.enum(['none', 'basic']).default('none'),
  NODELESS_AUTH_FILE: z.string().optional(),
  NODELESS_CONFIG: z.string().optional(),
});

/** What the NODELESS_* variables say. An empty one counts as not set. */
export function optionsFrom(env: NodeJS.ProcessEnv): Omit<RuntimeOptions, 'log'> {
  const set = Object.fromEntries(Object.entries(env).filter(([name, value]) => name.startsWith('NODELESS_') && value));
  const checked = environment.safeParse(set);
  if (!checked.success) {
    const problems = checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new InvalidInput(problems.join('\n'));
  }
  const given = checked.data;
  return {
    operatorPort: given.NODELESS_OPERATOR_PORT,
    agentPort: given.NODELESS_AGENT_PORT,
    host: given.NODELESS_HOST,
    publicUrl: given.NODELESS_PUBLIC_URL,
    trustProxy: given.NODELESS_TRUST_PROXY,
    dataFolder: given.NODELESS_DATA === 'memory' ? undefined : given.NODELESS_DATA,
    authenticate: given.NODELESS_AUTH === 'basic' ? authentication(given.NODELESS_AUTH_FILE) : undefined,
    secretOf: hookSecrets(env),
    configuration: given.NODELESS_CONFIG === undefined ? undefined : readConfigurationFile(given.NODELESS_CONFIG),
  };
}

function authentication(file: string | undefined) {
  if (file === undefined) throw new InvalidInput('NODELESS_AUTH=basic needs NODELESS_AUTH_FILE, an htpasswd file');
  return braked(basicAuthentication(usersOf(file)), systemClock);
}
