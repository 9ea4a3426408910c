import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Token } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

/** Of Lambda, for all names and values of a function's environment together. */
export const MOST_ENVIRONMENT_BYTES = 4096;
/** A longer configuration lies beside the code, which may be large. A short one does not: to change it changes no code. */
export const MOST_IN_ENVIRONMENT = 2048;
const FILE = 'configuration.json';

/** How a function is told its configuration: functions/env.ts reads it back. */
export const configurationVariables = (text: string): Record<string, string> =>
  Buffer.byteLength(text) <= MOST_IN_ENVIRONMENT
    ? { NODELESS_CONFIGURATION: text }
    : { NODELESS_CONFIGURATION_FILE: `/var/task/${FILE}` };

/** Makes a function of a bundle; the configuration goes into it where the environment names a file. */
export function withCode<T>(
  folder: string,
  environment: Record<string, string>,
  text: string,
  make: (code: Code) => T,
): T {
  if (environment['NODELESS_CONFIGURATION_FILE'] === undefined) return make(Code.fromAsset(folder));
  const copy = mkdtempSync(join(tmpdir(), 'nodeless-code-'));
  try {
    cpSync(folder, copy, { recursive: true });
    writeFileSync(join(copy, FILE), text);
    return make(Code.fromAsset(copy));
  } finally {
    // The assembly has its own copy once the function is made.
    rmSync(copy, { recursive: true, force: true });
  }
}

/** What CloudFormation fills in (names, ARNs) is not known at synth: rather too long than too short. */
const UNKNOWN_BYTES = 140;

/** Throws for an environment that Lambda would refuse in the middle of a deployment. */
export function checkEnvironment(name: string, environment: Record<string, string>): void {
  const sizes = Object.entries(environment)
    .map(([key, value]) => ({
      key,
      bytes: key.length + (Token.isUnresolved(value) ? UNKNOWN_BYTES : Buffer.byteLength(value)),
    }))
    .sort((a, b) => b.bytes - a.bytes);
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (all <= MOST_ENVIRONMENT_BYTES) return;
  const [largest] = sizes;
  const next = NEXT[largest?.key ?? ''] ?? 'Shorten it';
  throw new Error(
    `The environment of ${name} has about ${all} bytes and Lambda takes ${MOST_ENVIRONMENT_BYTES}; ` +
      `the largest is ${largest?.key} with ${largest?.bytes}. ${next}.`,
  );
}

const NEXT: Readonly<Record<string, string>> = {
  OPERATOR_ROLES: 'Let people assume a few IAM roles and name those in the option operatorRoles, instead of many users',
};
