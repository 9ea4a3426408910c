import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from './certificate.ts';
import { type AgentApi, answerTo } from './command-routes.ts';

export interface ServerOptions {
  readonly api: AgentApi;
  readonly certificate: Certificate | undefined;
  readonly tlsMinimum: '1.2' | '1.3';
  /** Try this one first: an agent that starts again keeps its port. */
  readonly port: number;
}

export interface CommandServer {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';

/** The agent's own API, on loopback. */
export async function startCommandServer(options: ServerOptions): Promise<CommandServer> {
  const handler = (request: http.IncomingMessage, response: http.ServerResponse) =>
    void serve(options, request, response);
  const { certificate, tlsMinimum } = options;
  const server = certificate
    ? https.createServer({ cert: certificate.pem, key: certificate.key, minVersion: `TLSv${tlsMinimum}` }, handler)
    : http.createServer(handler);
  // A refused handshake is the client's business
  server.on('tlsClientError', () => {});
  await listen(server, options.port).catch(() => listen(server, 0));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: http.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function serve(options: ServerOptions, request: http.IncomingMessage, response: http.ServerResponse) {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return; // The client went away
  }
  const scheme = options.certificate ? 'https' : 'http';
  const base = `${scheme}://${request.headers.host ?? HOST}`;
  const text = Buffer.concat(parts).toString('utf8');
  const answer = await answerTo(options.api, request.method ?? 'GET', new URL(request.url ?? '/', base), text);
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': typeof answer.body === 'string' ? 'text/html; charset=utf-8' : 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...(answer.location ? { Location: answer.location } : {}),
  });
  response.end(body);
}
