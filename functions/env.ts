import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Configuration, completed } from '../shared/configuration.ts';

/**
 * The only reader of process.env below functions/. One reader a function: what a function is not told, it cannot use.
 * The schemas are made inside the readers, so that the heartbeat's bundle, which calls none of them, has no zod.
 */
const name = () => z.string().min(1);
const optionalUrl = () => z.url().optional();

function read<T extends z.ZodRawShape>(shape: T): z.infer<z.ZodObject<T>> {
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  // Names only: a value of the environment may be a secret one day.
  const names = result.error.issues.map((issue) => issue.path.join('.'));
  throw new Error(`the environment of this function lacks or misstates ${names.join(', ')}`);
}

/** Whole configuration; the same in every function that has one. Checked at synth, where mistakes are cheap. */
export function readConfiguration(): Configuration {
  // A long one lies beside the code: an environment holds 4 KB.
  const file = process.env['NODELESS_CONFIGURATION_FILE'];
  const text = file ? readFileSync(file, 'utf8') : process.env['NODELESS_CONFIGURATION'];
  return completed(text ? JSON.parse(text) : {});
}

/** For lookup and inspection. */
export const readLookupEnvironment = () =>
  read({
    NODES_TABLE: name(),
    AGENTS_TABLE: name(),
    DOCUMENTS_BUCKET: name(),
    TOKEN_KEY_SECRET: name(),
    STATE_MACHINE_ARN: name(),
    NODELESS_PUBLIC_URL: optionalUrl(),
  });

export const readPassthruEnvironment = () =>
  read({
    VENDOR_WORK_FUNCTION: name(),
    NODES_TABLE: name(),
    AGENTS_TABLE: name(),
    DOCUMENTS_BUCKET: name(),
    STATE_MACHINE_ARN: name(),
    NODELESS_PUBLIC_URL: optionalUrl(),
  });

export const readOperatorEnvironment = () =>
  read({
    NODES_TABLE: name(),
    AGENTS_TABLE: name(),
    SECRETS_TABLE: name(),
    DOCUMENTS_BUCKET: name(),
    VENDOR_WORK_FUNCTION: name(),
    OPERATOR_SECRET: name(),
    OPERATOR_AUTH: z.enum(['basic', 'iam']).default('basic'),
    OPERATOR_ROLES: z.string().optional(),
    STATE_MACHINE_ARN: name(),
    REACH_FUNCTION: name(),
    NODELESS_PUBLIC_URL: optionalUrl(),
  });

/** Of the function that carries out async vendor calls. */
export const readVendorWorkEnvironment = () =>
  read({
    NODES_TABLE: name(),
    AGENTS_TABLE: name(),
    SECRETS_TABLE: name(),
    DOCUMENTS_BUCKET: name(),
    REACH_FUNCTION: name(),
  });

/** Of the function that publishes events. */
export const readPublisherEnvironment = () => read({ EVENT_BUS: name() });

/** For advance, expire and the sweeper. */
export const readWorkflowEnvironment = () =>
  read({
    NODES_TABLE: name(),
    AGENTS_TABLE: name(),
    SECRETS_TABLE: name(),
    DOCUMENTS_BUCKET: name(),
    TOKEN_KEY_SECRET: name(),
    STATE_MACHINE_ARN: name(),
    REACH_FUNCTION: name(),
  });

/** Without zod. */
export function readHeartbeatEnvironment() {
  const required = (key: 'AGENTS_TABLE' | 'STATE_MACHINE_ARN'): string => {
    const value = process.env[key];
    if (!value) throw new Error(`the environment of this function lacks ${key}`);
    return value;
  };
  return {
    AGENTS_TABLE: required('AGENTS_TABLE'),
    STATE_MACHINE_ARN: required('STATE_MACHINE_ARN'),
    NODELESS_PUBLIC_URL: readPublicUrl(),
  };
}

/** What links show, where the gateway's own name is not what callers use. */
export const readPublicUrl = (): string | undefined => process.env['NODELESS_PUBLIC_URL'] || undefined;
