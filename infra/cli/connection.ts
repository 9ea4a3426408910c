import type { Connection } from './api.ts';
import { askPassword } from './ask-password.ts';
import { EXIT, Refusal } from './refusal.ts';

const LOCAL = 'http://127.0.0.1:6385';

/** Where and as whom: options first, then our own variables, then those of the OpenStack command line. */
export async function connectionOf(
  given: { url?: string | undefined; user?: string | undefined },
  env: NodeJS.ProcessEnv,
  note: (text: string) => void,
): Promise<Connection> {
  const url = urlOf(given.url ?? (env['NODELESS_URL'] || env['OS_ENDPOINT'] || LOCAL));
  const user = given.user ?? (env['NODELESS_USER'] || env['OS_USERNAME'] || undefined);
  if (user === undefined) return { url: url.text, user, password: undefined };
  if (user.includes(':')) throw new Refusal('A name has no colon in it.', EXIT.usage, 'The password is asked for.');
  if (url.protocol === 'http:' && !url.loopback) {
    note(`nodeless: warning: ${url.text} is not https: the password can be read on the way`);
  }
  const known = env['NODELESS_PASSWORD'] || env['OS_PASSWORD'];
  return { url: url.text, user, password: known || (await askPassword(user)) };
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
