import { isIPv4, isIPv6 } from 'node:net';
import { isNeverReached, networks } from '../address/never-reached.ts';
import { InvalidInput } from '../errors.ts';

/** `https://10.0.0.5:9999` and nothing more: what an agent builds (contract §1.10). No names, no other spellings. */
const SHAPE = /^(https?):\/\/(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9A-Fa-f:]+)\])(?::(\d{1,5}))?\/?$/;

/**
 * Refuses a callback URL that we would rather not open: the address comes from a machine.
 * Throws InvalidInput; the text names no network.
 */
export function checkCallbackUrl(url: string, allowed: readonly string[], options: { plainHttp: boolean }): void {
  const match = SHAPE.exec(url);
  const [, scheme, v4, v6, port] = match ?? [];
  const address = v4 ?? v6 ?? '';
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  if (!match || !family || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) {
    throw new InvalidInput('callback_url must be https://<literal IP address>:<port>');
  }
  if (scheme !== 'https' && !options.plainHttp) {
    throw new InvalidInput('callback_url must use https: the agent has no certificate');
  }
  // BlockList lets IPv4-mapped addresses match IPv4 rules; machines have no reason to write them.
  if (/^::ffff:/i.test(address) || isNeverReached(address) || !networks(allowed).check(address, family)) {
    throw new InvalidInput('callback_url is outside of the networks that agents may use');
  }
}
