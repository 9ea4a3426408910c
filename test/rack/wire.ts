import * as http from 'node:http';
import * as https from 'node:https';
import { Ended } from './clock.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 30;
// What the Python library of the agent sends with everything
const HABITS = { 'User-Agent': 'python-requests/2.34.2', 'Accept-Encoding': 'gzip, deflate' };
const JSON_HABITS = { ...HABITS, Accept: 'application/json', 'Content-Type': 'application/json' };

/** The HTTP client of one agent: two kept connections, redirects followed as `requests` follows them. */
export class Wire {
  readonly #signal: AbortSignal;
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: 2 });
  readonly #secure = new https.Agent({ keepAlive: true, maxSockets: 2 });

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** A call of the agent; the content type goes with a GET as well. */
  call(method: string, url: string, version?: string, body?: unknown): Promise<Answer> {
    const headers = { ...JSON_HABITS, ...(version ? { 'X-OpenStack-Ironic-API-Version': version } : {}) };
    return this.#follow(method, new URL(url), headers, body === undefined ? undefined : JSON.stringify(body), 0);
  }

  /** The probe for reachability before the first heartbeat: a bare GET; any status counts. */
  probe(url: string): Promise<Answer> {
    return this.#follow('GET', new URL(url), { ...HABITS, Accept: '*/*' }, undefined, 0);
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  async #follow(
    method: string,
    url: URL,
    headers: Record<string, string>,
    body: string | undefined,
    hops: number,
  ): Promise<Answer> {
    const { location, ...answer } = await this.#once(method, url, headers, body);
    const redirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
    if (!redirect) return answer;
    if (hops >= MAX_REDIRECTS) throw new Error('too many redirects');
    const keeps = answer.status >= 307 || method === 'GET';
    const next = new URL(location, url);
    return this.#follow(keeps ? method : 'GET', next, headers, keeps ? body : undefined, hops + 1);
  }

  #once(method: string, url: URL, headers: Record<string, string>, body: string | undefined) {
    const secure = url.protocol === 'https:';
    return new Promise<Answer & { location: string | undefined }>((resolve, reject) => {
      const refuse = (error: Error) => reject(this.#signal.aborted ? new Ended() : error);
      if (this.#signal.aborted) return refuse(new Ended());
      const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
      const options = {
        method,
        headers: { ...headers, ...length },
        signal: this.#signal,
        timeout: TIMEOUT_MS,
        agent: secure ? this.#secure : this.#plain,
      };
      const request = (secure ? https : http).request(url, options, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', refuse);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(parts).toString('utf8'),
            location: response.headers.location,
          }),
        );
      });
      request.on('timeout', () => request.destroy(new Error('timed out')));
      request.on('error', refuse);
      request.end(body);
    });
  }
}

/** The parsed body, or undefined when it is not JSON. */
export function parsed(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    return undefined;
  }
}
