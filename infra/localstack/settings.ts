import { homedir } from 'node:os';
import { join } from 'node:path';

/** LocalStack as these scripts expect it: one endpoint by its IP address, so that S3 is addressed by path. */
const given = process.env['AWS_ENDPOINT_URL'] || undefined;
export const PORT = Number(process.env['NODELESS_LOCALSTACK_PORT'] || 4566);
export const ENDPOINT = (given ?? `http://127.0.0.1:${PORT}`).replace(/\/$/, '');
/** Somebody has named one: then no other is started. */
export const IS_NAMED = given !== undefined;
/** Where a LocalStack without Docker is installed and kept, and the Python 3.13 that it gets if not one that is found. */
export const CACHE =
  process.env['NODELESS_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'nodeless');
export const PYTHON = process.env['NODELESS_PYTHON'] || undefined;
export const PYENV = process.env['PYENV_ROOT'] || join(homedir(), '.pyenv');
export const NAME = 'NodelessLocal';
export const AGENT_API = 'nodelessagent';
export const OPERATOR_API = 'nodelessoperator';

const STAGE = 'api';
const urlOf = (api: string): string => `${ENDPOINT}/_aws/execute-api/${api}/${STAGE}`;
export const AGENT_URL = urlOf(AGENT_API);
export const OPERATOR_URL = urlOf(OPERATOR_API);

/** The account is LocalStack's own, so are the credentials. */
export const ENVIRONMENT = {
  ...process.env,
  AWS_ENDPOINT_URL: ENDPOINT,
  AWS_ENDPOINT_URL_S3: ENDPOINT,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_REGION: 'us-east-1',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
};

/** Of LocalStack itself, without what would lead its own AWS clients and its Python elsewhere. */
export const LOCALSTACK_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(AWS_|PYTHON|LOCALSTACK_)|^(BOTO_CONFIG|DEBUG|NODE_OPTIONS)$/.test(name),
  ),
);

export const CONTEXT = {
  name: NAME,
  configuration: 'infra/localstack/configuration.json',
  disposable: 'true',
  localstack: 'true',
  agentUrl: AGENT_URL,
  operatorUrl: OPERATOR_URL,
};

export async function isThere(): Promise<boolean> {
  const answer = await fetch(`${ENDPOINT}/_localstack/health`, { signal: AbortSignal.timeout(3000) }).catch(
    () => undefined,
  );
  return answer?.ok ?? false;
}
