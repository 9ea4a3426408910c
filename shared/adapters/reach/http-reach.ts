import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AgentExchange, Reach } from '../../run/exchange-port.ts';
import type { ExchangeReply } from '../../run/run.ts';
import { readReply } from './agent-reply.ts';
import { httpBmc } from './http-bmc.ts';

/** A list of commands repeats every step's arguments; ramdisk logs are the largest answers. */
const MAX_REPLY_BYTES = 32 * 1024 * 1024;

/**
 * Exactly one HTTP exchange: with an agent, the boot's certificate is the only trust, no redirects (node:https follows none), a hard
 * time-out over everything, bounded reply.
 */
export const httpReach: Reach = {
  agent(exchange: AgentExchange): Promise<ExchangeReply> {
    const { request } = exchange;
    const url = new URL('/v1/commands/', exchange.callbackUrl);
    if (request.command === 'run') url.searchParams.set('wait', String(request.wait));
    if (exchange.token !== undefined) url.searchParams.set('agent_token', exchange.token);
    // Agents of 2014 know the path without the slash only; the tokenless ones are exactly those.
    if (exchange.token === undefined) url.pathname = '/v1/commands';
    const body = request.command === 'run' ? JSON.stringify({ name: request.name, params: request.params }) : undefined;
    return send(url, exchange, body);
  },
  bmc: httpBmc({ loopback: true }),
};

function send(url: URL, exchange: AgentExchange, body: string | undefined): Promise<ExchangeReply> {
  return new Promise((resolve) => {
    const unreachable = (error: Error) => resolve({ kind: 'unreachable', message: describe(error) });
    const options = {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      agent: false as const,
      signal: AbortSignal.timeout(exchange.timeoutSeconds * 1000),
    };
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ca: exchange.certificate ?? '', minVersion: 'TLSv1.2' })
        : httpRequest(url, options);
    outgoing.on('error', unreachable);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('error', unreachable);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_REPLY_BYTES) return outgoing.destroy(new Error('the reply is too large'));
        chunks.push(chunk);
      });
      response.on('end', () => resolve(readReply(response.statusCode ?? 0, Buffer.concat(chunks).toString('utf8'))));
    });
    outgoing.end(body);
  });
}

/** A code and never the URL: it holds the token. */
function describe(error: Error & { code?: string }): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  return error.code ?? error.message;
}
