import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { EXIT, Refusal } from './refusal.ts';

/** What goes out, without what says as whom. */
export interface Outgoing {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | undefined;
}

const GATEWAY = /\.execute-api\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$/;

/** The region in which a request is signed: the gateway's name tells it, a name of one's own does not. */
export function regionOf(hostname: string, env: NodeJS.ProcessEnv): string {
  const region = GATEWAY.exec(hostname)?.[1] ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION']);
  if (region) return region;
  const next = 'Set AWS_REGION to the region in which it is deployed.';
  throw new Refusal(`${hostname} does not tell its region, and a signature needs one.`, EXIT.usage, next);
}

type Credentials = ConstructorParameters<typeof SignatureV4>[0]['credentials'];
export type Sign = (request: Outgoing) => Promise<Record<string, string>>;

/** Gives a request's headers with SigV4's, by the credentials that AWS's own tools would find: variables, profile, SSO, role. */
export function signer(region: string): Sign {
  let found: Promise<Credentials> | undefined;
  return async ({ method, url, headers, body }) => {
    found ??= findCredentials();
    const query: Record<string, string[]> = {};
    for (const [key, value] of url.searchParams) query[key] = [...(query[key] ?? []), value];
    const { protocol, hostname, host, pathname: path } = url;
    const signature = new SignatureV4({ service: 'execute-api', region, credentials: await found, sha256: Sha256 });
    const request = { method, protocol, hostname, path, query, headers: { ...headers, host }, body };
    const { host: _thatFetchSends, ...rest } = (await signature.sign(request)).headers;
    return rest;
  };
}

async function findCredentials(): Promise<Credentials> {
  // Loaded only here: who does not sign does not wait for it.
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider()().catch((error: Error) => {
    throw new Refusal(
      `No AWS credentials to sign with: ${error.message}`,
      EXIT.denied,
      'Log in (`aws sso login`, `aws configure`) or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are.',
    );
  });
}
