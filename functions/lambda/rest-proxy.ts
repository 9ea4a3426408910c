import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { RawRequest, RawResponse } from '../http.ts';
import { withoutPrefix } from '../middleware/path-prefix.ts';

/** A REST API's proxy event as HTTP. `event.path` is percent-encoded and without the stage, its parameters are neither. */
export function rawRequestOf(event: APIGatewayProxyEvent, publicUrl: string | undefined): RawRequest {
  const principal = event.requestContext.identity?.userArn;
  return {
    method: event.httpMethod,
    path: publicUrl === undefined ? event.path || '/' : withoutPrefix(event.path || '/', publicUrl),
    rawQuery: rawQueryOf(event),
    headers: headersOf(event),
    body: event.body === null ? undefined : bodyOf(event.body, event.isBase64Encoded),
    publicUrl: publicUrl ?? calledUrl(event),
    sourceIp: event.requestContext.identity?.sourceIp ?? '',
    ...(principal && { principal }),
  };
}

export function proxyResultOf({ status, headers, body, bytes }: RawResponse): APIGatewayProxyResult {
  if (bytes !== undefined) {
    return { statusCode: status, headers, body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true };
  }
  return { statusCode: status, headers: body === '' ? { ...NO_JSON, ...headers } : headers, body };
}

/** A REST gateway calls a reply JSON that says nothing else, and clients would try to read an empty body as such (T2). */
const NO_JSON = { 'Content-Type': 'text/plain; charset=utf-8' };

/** The gateway has decoded the values; repeated ones stay repeated, so that `serve` can refuse them. */
function rawQueryOf(event: APIGatewayProxyEvent): string {
  const pairs = Object.entries(event.multiValueQueryStringParameters ?? {}).flatMap(([key, values]) =>
    (values ?? []).map((value): [string, string] => [key, value]),
  );
  return new URLSearchParams(pairs).toString();
}

function headersOf(event: APIGatewayProxyEvent): Record<string, string | undefined> {
  const several = Object.entries(event.multiValueHeaders ?? {});
  if (several.length === 0) return event.headers ?? {};
  return Object.fromEntries(several.map(([key, values]) => [key, values?.join(', ')]));
}

const bodyOf = (body: string, encoded: boolean): string | Uint8Array => (encoded ? Buffer.from(body, 'base64') : body);

/** The stage is in the context's path and not in the event's; a domain of one's own has none. */
function calledUrl(event: APIGatewayProxyEvent): string {
  const { domainName, path } = event.requestContext;
  const prefix = path?.endsWith(event.path) ? path.slice(0, -event.path.length) : `/${event.requestContext.stage}`;
  return `https://${domainName}${prefix.replace(/\/$/, '')}`;
}
