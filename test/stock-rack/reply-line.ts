import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const APPLICATION_DATA = 23;
const RECORD_HEADER = 5;
/** The client's first encrypted record ends its handshake; the next one is its request. */
const REQUEST_RECORD = 2;

/**
 * The line to one agent's own API. It carries TLS without reading it; where it loses replies, the request arrives and the
 * connection ends before any byte of the answer.
 */
export class ReplyLine {
  /** Loses the reply of every third exchange. */
  loses = false;
  /** Replies that were lost. */
  hit = 0;
  port = 0;
  /** Where the agent listens in this boot. */
  agentPort: () => number = () => 0;
  #exchanges = 0;
  readonly #open = new Set<Socket>();
  readonly #server: Server = createServer((client) => this.#carry(client));

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #carry(client: Socket): void {
    const agent = connect(this.agentPort(), '127.0.0.1');
    for (const socket of [client, agent]) {
      this.#open.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#open.delete(socket);
        client.destroy();
        agent.destroy();
      });
    }
    this.#exchanges += 1;
    const loses = this.loses && this.#exchanges % 3 === 0;
    const records = recordCounter(APPLICATION_DATA);
    let asked = false;
    client.on('data', (chunk) => {
      agent.write(chunk);
      if (!loses || asked || records(chunk) < REQUEST_RECORD) return;
      asked = true;
      this.hit += 1;
      // The agent has a second to take it in; the answer goes nowhere.
      agent.unpipe(client);
      agent.resume();
      setTimeout(() => client.destroy(), 1000);
    });
    agent.pipe(client, { end: !loses });
    agent.on('end', () => client.end());
  }
}

/** Counts TLS records of one type in a stream that arrives in pieces. */
function recordCounter(type: number): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= RECORD_HEADER) {
      const size = RECORD_HEADER + rest.readUInt16BE(3);
      if (rest.length < size) break;
      if (rest[0] === type) count += 1;
      rest = rest.subarray(size);
    }
    return count;
  };
}
