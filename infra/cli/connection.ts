import type { Connection } from './api.ts';
import { askPassword } from './ask-password.ts';
import { EXIT, Refusal } from './refusal.ts';
import { regionOf, signer } from './sign.ts';

const LOCAL = 'http://127.0.0.1:6385';

/** Where and as whom: options first, then our own variables, then those of the OpenStack command line. */
export async function connectionOf(
  given: { url?: string | undefined; user?: string | undefined; sign?: boolean | undefined },
  env: NodeJS.ProcessEnv,
  note: (text: string) => void,
): Promise<Connection> {
  const url = urlOf(given.url ?? (env['NODELESS_URL'] || env['OS_ENDPOINT'] || LOCAL));
  if (signs(given, env)) return { url: url.text, sign: signer(regionOf(new URL(url.text).hostname, env)) };
  const user = given.user ?? (env['NODELESS_USER'] || env['OS_USERNAME'] || undefined);
  if (user === undefined) return { url: url.text };
  if (user.includes(':')) throw new Refusal('A name has no colon in it.', EXIT.usage, 'The password is asked for.');
  if (url.protocol === 'http:' && !url.loopback) {
    note(`nodeless: warning: ${url.text} is not https: the password can be read on the way`);
  }
  const known = env['NODELESS_PASSWORD'] || env['OS_PASSWORD'];
  return { url: url.text, user, password: known || (await askPassword(user)) };
}

/** An option beats a variable: who gives a name does not sign. */
function signs(given: { user?: string | undefined; sign?: boolean | undefined }, env: NodeJS.ProcessEnv): boolean {
  const way = env['NODELESS_SIGN'] || 'no';
  if (way !== 'iam' && way !== 'no') {
    throw new Refusal(`NODELESS_SIGN is ${way}.`, EXIT.usage, 'Set it to iam, or leave it out.');
  }
  return given.sign ?? (given.user === undefined && way === 'iam');
}

function urlOf(text: string): { text: string; protocol: string; loopback: boolean } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Refusal(`${text} is no URL of the operator API.`, EXIT.usage, `Give one like ${LOCAL}.`);
  }
  if (url.username !== '' || url.password !== '') {
    // The text itself is not repeated: it holds a password.
    const next = 'Give the name with --user, and the password when it is asked for, or in NODELESS_PASSWORD.';
    throw new Refusal('Name and password do not belong into the URL.', EXIT.usage, next);
  }
  const path = url.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  const loopback = url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.');
  return { text: `${url.origin}${path}`, protocol: url.protocol, loopback };
}
