import * as http from 'node:http';
import * as https from 'node:https';
import { isObject, type Json } from './types.ts';

export interface AgentAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly location: string | undefined;
}

/** What a server calls on an agent: pinned to the certificate of the heartbeat, the token in the query. */
export class AgentClient {
  readonly #beat: Json;

  constructor(beat: Json) {
    this.#beat = beat;
  }

  call(method: string, path: string, body?: unknown, query: Record<string, string> = this.#tokenQuery()) {
    const url = new URL(`${this.#beat.callback_url ?? this.#beat.agent_url}${path}`);
    url.search = new URLSearchParams({ ...Object.fromEntries(url.searchParams), ...query }).toString();
    const ca = this.#beat.agent_verify_ca;
    const options = { method, agent: false as const, ...(typeof ca === 'string' ? { ca } : {}) };
    return new Promise<AgentAnswer>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? https : http).request(url, options, async (response) => {
        try {
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          const text = Buffer.concat(parts).toString('utf8');
          const isJson = response.headers['content-type']?.startsWith('application/json');
          const { location } = response.headers;
          resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text, location });
        } catch (error) {
          reject(error);
        }
      });
      request.on('error', reject);
      request.end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Posts a command; its result object or the fault. */
  async run(name: string, params: Json = {}, wait = false): Promise<{ status: number; body: Json }> {
    const query = { ...this.#tokenQuery(), wait: String(wait) };
    const { status, body } = await this.call('POST', '/v1/commands/', { name, params }, query);
    return { status, body: isObject(body) ? body : {} };
  }

  step(phase: string, step: string, args: Json = {}, more: Json = {}, wait = true) {
    const node = { uuid: 'n', properties: {}, instance_info: {} };
    const params = { step: { interface: 'deploy', step, args }, node, ports: [], ...more };
    return this.run(`${phase}.execute_${phase}_step`, params, wait);
  }

  async commands(): Promise<Json[]> {
    const { body } = await this.call('GET', '/v1/commands/');
    return isObject(body) && Array.isArray(body.commands) ? body.commands : [];
  }

  #tokenQuery(): Record<string, string> {
    const token = this.#beat.agent_token;
    return typeof token === 'string' ? { agent_token: token } : {};
  }
}
