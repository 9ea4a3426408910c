import { randomBytes, randomUUID } from 'node:crypto';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { isObject, type Json } from './types.ts';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: unknown;
  readonly at: number;
}

export interface Scripted {
  readonly status: number;
  readonly body?: unknown;
}

type Endpoint = 'root' | 'lookup' | 'heartbeat' | 'inspection';

/** A server for the rack's own tests: knows every machine, or answers what it was told to. */
export class SmallServer {
  readonly requests: SeenRequest[] = [];
  /** Answers to give before the good ones. */
  readonly script: Record<Endpoint, Scripted[]> = { root: [], lookup: [], heartbeat: [], inspection: [] };
  /** Merged over `config` and over the node of good lookups. */
  config: Json = { heartbeat_timeout: 20 };
  node: Json = {};
  version = '1.115';
  readonly uuid = randomUUID();
  /** Given once, then masked, as Ironic does. */
  token = randomBytes(32).toString('base64url');
  tokenGiven = false;
  readonly #server = http.createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** What a server does when it power-cycles the machine: the next lookup gets a new token. */
  forgetToken(): void {
    this.token = randomBytes(32).toString('base64url');
    this.tokenGiven = false;
  }

  to(path: string): SeenRequest[] {
    return this.requests.filter((request) => request.path.startsWith(path));
  }

  /** The bodies of the heartbeats so far. */
  get beats(): Json[] {
    return this.requests.filter(({ path }) => /\/heartbeat/.test(path)).map(({ body }) => (isObject(body) ? body : {}));
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    try {
      for await (const part of request) parts.push(part as Buffer);
    } catch {
      return;
    }
    const url = new URL(request.url ?? '/', 'http://server');
    const text = Buffer.concat(parts).toString('utf8');
    this.requests.push({
      method: request.method ?? '',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text ? JSON.parse(text) : null,
      at: performance.now(),
    });
    const answer = this.#answer(url.pathname, request.headers['x-openstack-ironic-api-version']);
    const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
    response.writeHead(answer.status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    });
    response.end(body);
  }

  #answer(path: string, version: unknown): Scripted {
    const endpoint = endpointOf(path);
    if (!endpoint) return { status: 404, body: {} };
    const scripted = this.script[endpoint].shift();
    if (scripted) return scripted;
    if (endpoint === 'root') return { status: 200, body: { default_version: { id: 'v1', version: this.version } } };
    if (endpoint === 'inspection') return { status: 202, body: { uuid: this.uuid } };
    if (endpoint === 'heartbeat') return { status: 202 };
    return { status: 200, body: this.#lookup(path, String(version ?? '1.1')) };
  }

  #lookup(path: string, version: string): Json {
    const node = { uuid: this.uuid, properties: {}, instance_info: {}, driver_internal_info: {}, ...this.node };
    if (path.includes('vendor_passthru')) return { node, heartbeat_timeout: this.config.heartbeat_timeout };
    const knowsTokens = Number(version.split('.')[1]) >= 62;
    const token = knowsTokens ? { agent_token: this.tokenGiven ? '******' : this.token } : {};
    if (knowsTokens) this.tokenGiven = true;
    return { node, config: { ...token, ...this.config } };
  }
}

function endpointOf(path: string): Endpoint | undefined {
  if (path === '/') return 'root';
  if (/\/lookup$/.test(path)) return 'lookup';
  if (/\/heartbeat(\/[^/]+)?$/.test(path)) return 'heartbeat';
  return path === '/v1/continue_inspection' ? 'inspection' : undefined;
}
