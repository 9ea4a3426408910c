import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { RawRequest, RawResponse } from '../http.ts';
import { jsonLog } from './json-log.ts';
import { once } from './once.ts';
import { proxyResultOf, rawRequestOf } from './rest-proxy.ts';

interface Api {
  serve(request: RawRequest): Promise<RawResponse>;
  publicUrl?: string | undefined;
}

/** The Lambda face of routes that `serve` serves. Nothing is built before the first request. */
export function apiFunction(build: () => Api) {
  const api = once(build);
  return middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use({
      // Only what cannot even be set up comes here, `serve` answers everything else: the gateway says 502, the log why.
      onError: ({ error }) => jsonLog.error('this function cannot be set up', { error: error?.message ?? '' }),
    })
    .handler(async (event) => {
      const { serve, publicUrl } = api();
      return proxyResultOf(await serve(rawRequestOf(event, publicUrl)));
    });
}
