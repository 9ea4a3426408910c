import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SigningKey {
  id: string;
  secret: string;
  /** Of temporary credentials. */
  token?: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
/** RFC 3986: what JavaScript leaves as it is and SigV4 does not. */
const escaped = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Signature Version 4 as its specification says it (IAM user guide, "Create a signed AWS API request"), over raw text. */
export function signatureOf(
  secret: string,
  scope: string,
  request: {
    method: string;
    target: string;
    headers: readonly (readonly [name: string, value: string])[];
    body: string;
  },
): string {
  const { pathname, searchParams } = new URL(request.target, 'http://any');
  const query = [...searchParams].map(([key, value]) => `${escaped(key)}=${escaped(value)}`).sort();
  const headers = [...request.headers].sort(([a], [b]) => (a < b ? -1 : 1));
  const canonical = [
    request.method,
    pathname.split('/').map(escaped).join('/'),
    query.join('&'),
    ...headers.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`),
    '',
    headers.map(([name]) => name).join(';'),
    sha256(request.body),
  ].join('\n');
  const [date = '', region = '', service = ''] = scope.split('/');
  const moment = request.headers.find(([name]) => name === 'x-amz-date')?.[1];
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce(hmac, hmac(`AWS4${secret}`, date));
  return hmac(key, toSign).toString('hex');
}

/** API Gateway with AWS_IAM: checks the signature in its own words, and hands on what is well signed. */
export async function startIamGateway(keys: readonly SigningKey[], region: string, behind: string) {
  const passed: string[] = [];
  const refusal = (message: string) => ({ status: 403, text: JSON.stringify({ message }) });
  const answer = async (request: IncomingMessage, body: string) => {
    const { method = '', url: target = '', headers } = request;
    const said = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
      headers.authorization ?? '',
    );
    if (headers.authorization === undefined) return refusal('Missing Authentication Token');
    if (!said) return refusal("Authorization header requires 'Credential' parameter.");
    const [, id = '', scope = '', names = '', signature = ''] = said;
    const key = keys.find((one) => one.id === id && one.token === headers['x-amz-security-token']);
    if (!key) return refusal('The security token included in the request is invalid.');
    if (Math.abs(Date.now() - dateOf(`${headers['x-amz-date']}`)) > 300_000) return refusal('Signature expired');
    const signed = names.split(';').map((name) => [name, String(headers[name])] as const);
    const whole = ['host', 'x-amz-date'].every((name) => names.split(';').includes(name));
    const good = scope === `${`${headers['x-amz-date']}`.slice(0, 8)}/${region}/execute-api/aws4_request` && whole;
    if (!good || signatureOf(key.secret, scope, { method, target, headers: signed, body }) !== signature) {
      return refusal('The request signature we calculated does not match the signature you provided.');
    }
    passed.push(`${method} ${target}`);
    const sent = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.115' };
    const reply = await fetch(`${behind}${target}`, { method, headers: sent, ...(body === '' ? {} : { body }) });
    return { status: reply.status, text: await reply.text() };
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    const { status, text } = await answer(request, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, passed, close };
}

/** 20150830T123600Z */
function dateOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
