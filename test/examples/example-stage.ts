import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { configurationFile } from '../../infra/local/configuration.ts';
import { hookSecrets } from '../../infra/local/hook-secrets.ts';
import type { RuntimeOptions } from '../../infra/local/runtime.ts';
import { CONFIGURATION, type Stage } from '../scenarios/stage.ts';

/** The example's own configuration file, with the port that its server got, and its secrets from this environment. */
export async function exampleConfiguration(
  example: string,
  url: string,
  secrets: Record<string, string>,
): Promise<Partial<RuntimeOptions>> {
  const text = await readFile(new URL(`./${example}/nodeless.yaml`, import.meta.url), 'utf8');
  // A busy machine may stall for longer than the example would wait.
  const here = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+\//g, url).replaceAll(/(?<=timeout_?seconds: )3\b/gi, '8');
  const file = configurationFile.parse(parse(here));
  return {
    configuration: { ...CONFIGURATION, ...file } as RuntimeOptions['configuration'],
    secretOf: hookSecrets(secrets),
  };
}

export interface PassthruAnswer {
  status: number;
  type: string | null;
  text: string;
  call: string | null;
}

/** A vendor method of a node, called as curl would. */
export async function passthru(
  stage: Stage,
  node: string,
  verb: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<PassthruAnswer> {
  const given = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  // fetch sends no body with GET; Ironic's clients do not either.
  const response = await fetch(`${stage.runtime.operatorUrl}/v1/nodes/${node}/vendor_passthru/${method}`, {
    method: verb,
    headers: { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.110', ...headers },
    ...(given === undefined ? {} : { body: given }),
  });
  const type = response.headers.get('content-type');
  return { status: response.status, type, text: await response.text(), call: response.headers.get('x-nodeless-call') };
}
