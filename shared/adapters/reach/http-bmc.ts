import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isNeverReached } from '../../address/never-reached.ts';
import type { JsonValue } from '../../json.ts';
import type { BmcExchange, BmcReply } from '../../run/exchange-port.ts';
import { type HttpAnswer, type HttpQuestion, oneExchange } from '../http/one-exchange.ts';

const MAX_REPLY_BYTES = 4 * 1024 * 1024;
const REFUSED = 'REFUSED_ADDRESS';
type Failure = Extract<BmcReply, { kind: 'failed' }>;
const failed = (because: Failure['because'], message: string): Failure => ({ kind: 'failed', because, message });

/**
 * One exchange with a BMC. `loopback`: whether this machine itself may be one (a lab's emulator; never where a Lambda's
 * own runtime listens there).
 */
export function httpBmc(options: { loopback: boolean }): (exchange: BmcExchange) => Promise<BmcReply> {
  return async (exchange) => {
    const url = new URL(exchange.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Node asks `lookup` for names only.
    if (url.username !== '' || url.password !== '' || (isIP(host) !== 0 && isNeverReached(host, options))) {
      return failed('refused-address', 'its address is one that is never opened');
    }
    return replyTo(await oneExchange(url, questionOf(exchange, guarded(options))));
  };
}

/** Checked where the connection is made: what a name said a moment ago proves nothing. */
function guarded(options: { loopback: boolean }): LookupFunction {
  return (hostname, asked, callback) => {
    dnsLookup(hostname, { ...asked, all: true }, (error, found: LookupAddress[]) => {
      const [first] = found ?? [];
      if (error) return callback(error, '', 0);
      if (first === undefined || found.some(({ address }) => isNeverReached(address, options))) {
        return callback(Object.assign(new Error(REFUSED), { code: REFUSED }), '', 0);
      }
      return asked.all ? callback(null, found) : callback(null, first.address, first.family);
    });
  };
}

function questionOf(
  { method, headers, body, trust, timeoutSeconds }: BmcExchange,
  lookup: LookupFunction,
): HttpQuestion {
  return {
    method,
    headers: { 'odata-version': '4.0', ...headers },
    body: body && JSON.stringify(body),
    timeoutSeconds,
    mostBytes: MAX_REPLY_BYTES,
    connection: {
      lookup,
      rejectUnauthorized: trust !== 'anyone',
      ...(typeof trust === 'object' && { ca: trust.ca }),
    },
  };
}

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

function replyTo(answer: HttpAnswer): BmcReply {
  switch (answer.kind) {
    case 'answered':
      return read(answer);
    case 'too-large':
      return failed('too-large', 'its answer is larger than any of Redfish');
    case 'time-out':
      return failed('time-out', 'no answer in time');
    case 'broken': {
      const { code } = answer;
      if (code === REFUSED) return failed('refused-address', 'its name leads to an address that is never opened');
      if (CERTIFICATE.test(code)) return failed('certificate', `its certificate is not trusted (${code})`);
      return failed('unreachable', code);
    }
  }
}

function read({ status, headers, text }: Extract<HttpAnswer, { kind: 'answered' }>): BmcReply {
  if (status >= 300 && status < 400 && status !== 304) return failed('redirect', `it redirects (${status})`);
  let body: JsonValue = null;
  try {
    body = text.trim() === '' ? null : JSON.parse(text);
  } catch {
    // A refusal says enough by its status; a success has to say what it is.
    if (status < 400) return failed('not-json', 'it answers with something that is not JSON');
  }
  const one = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [location, etag, token] = [one('location'), one('etag'), one('x-auth-token')];
  return {
    kind: 'answered',
    status,
    headers: { ...(location && { location }), ...(etag && { etag }), ...(token && { token }) },
    body,
  };
}
