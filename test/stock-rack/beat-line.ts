import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to the first, third, fifth … of a machine's heartbeats. */
export type BeatFault = 'none' | 'lost' | 'reply-lost' | 'twice';

/** The line between one agent and Nodeless, and what may happen on it. */
export class BeatLine {
  fault: BeatFault = 'none';
  /** Heartbeats that something happened to. */
  hit = 0;
  url = '';
  #beats = 0;
  readonly #upstream: URL;
  readonly #server: Server;

  constructor(upstream: string) {
    this.#upstream = new URL(upstream);
    this.#server = createServer((incoming, response) => void this.#carry(incoming, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #carry(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const fault = this.#faultOf(incoming);
      if (fault === 'lost') return void incoming.socket.destroy();
      if (fault === 'twice') await this.#forward(incoming, body);
      const answer = await this.#forward(incoming, body);
      if (fault === 'reply-lost') return void incoming.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    } catch {
      // Nobody answers behind it, or the agent was killed meanwhile.
      incoming.socket.destroy();
    }
  }

  #faultOf({ url = '' }: IncomingMessage): BeatFault {
    if (!url.startsWith('/v1/heartbeat/') || this.fault === 'none') return 'none';
    this.#beats += 1;
    if (this.#beats % 2 === 0) return 'none';
    this.hit += 1;
    return this.fault;
  }

  #forward({ method, url = '/', headers }: IncomingMessage, body: Buffer) {
    const { host: _host, connection: _connection, ...rest } = headers;
    const target = new URL(url, this.#upstream);
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      const outgoing = request(target, { method, headers: rest, agent: false }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        const { connection: _closed, 'transfer-encoding': _framing, ...kept } = answer.headers;
        resolve({ status: answer.statusCode ?? 502, headers: kept, body: Buffer.concat(chunks) });
      });
      outgoing.on('error', reject).end(body);
    });
  }
}
