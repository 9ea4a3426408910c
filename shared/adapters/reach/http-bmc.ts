import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isNeverReached } from '../../address/never-reached.ts';
import type { JsonValue } from '../../json.ts';
import type { BmcExchange, BmcReply } from '../../run/exchange-port.ts';

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
    return send(url, exchange, guarded(options));
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

function send(url: URL, exchange: BmcExchange, lookup: LookupFunction): Promise<BmcReply> {
  const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
  const { trust } = exchange;
  return new Promise((resolve) => {
    const broken = (error: Error) => resolve(failureOf(error));
    const settings = {
      method: exchange.method,
      headers: {
        accept: 'application/json',
        'odata-version': '4.0',
        ...exchange.headers,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
      agent: false as const,
      lookup,
      signal: AbortSignal.timeout(exchange.timeoutSeconds * 1000),
    };
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, {
            ...settings,
            rejectUnauthorized: trust !== 'anyone',
            ...(typeof trust === 'object' ? { ca: trust.ca } : {}),
          })
        : httpRequest(url, settings);
    outgoing.on('error', broken);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', broken);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MAX_REPLY_BYTES) {
          resolve(failed('too-large', 'its answer is larger than any of Redfish'));
          outgoing.destroy();
        }
      });
      response.on('end', () => resolve(read(response, Buffer.concat(chunks).toString('utf8'))));
    });
    outgoing.end(body);
  });
}

function read(response: IncomingMessage, text: string): BmcReply {
  const { statusCode: status = 0, headers } = response;
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

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** A code and no more: texts of Node repeat what was asked. */
function failureOf(error: Error & { code?: string }): Failure {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return failed('time-out', 'no answer in time');
  const code = error.code ?? error.name;
  if (code === REFUSED) return failed('refused-address', 'its name leads to an address that is never opened');
  if (CERTIFICATE.test(code)) return failed('certificate', `its certificate is not trusted (${code})`);
  return failed('unreachable', code);
}
