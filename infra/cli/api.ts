import { isDenied, nextAfterDenied } from './denied.ts';
import { EXIT, Refusal } from './refusal.ts';
import type { Outgoing, Sign } from './sign.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Row = { [key: string]: Json };

export interface Connection {
  /** Of the operator API, with a path prefix where a stage or a proxy has one. */
  url: string;
  user?: string;
  password?: string;
  /** Instead of a name. */
  sign?: Sign;
}

/** History needs 1.78 at least; 115 is the newest that Ironic has. */
const HEADERS = {
  accept: 'application/json',
  'content-type': 'application/json',
  'x-openstack-ironic-api-version': '1.115',
};
const TIMEOUT_MS = 60_000;
/** More pages than anybody reads: a server whose `next` leads in a circle must not keep us. */
const MOST_PAGES = 10_000;

/** The operator API over HTTP: what is deployed on AWS and what runs locally are one to it. Throws `Refusal`. */
export class Api {
  readonly #connection: Connection;
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get(path: string): Promise<Row> {
    return this.call('GET', path);
  }

  /** All pages of a list. */
  async list(path: string, key: string): Promise<Row[]> {
    const rows: Row[] = [];
    let next: string | undefined = path;
    for (let pages = 0; next !== undefined && pages < MOST_PAGES; pages += 1) {
      const page: Row = await this.get(next);
      const some = page[key];
      if (!Array.isArray(some)) throw this.#stranger(`no list of ${key}`);
      rows.push(...(some as Row[]));
      // The link shows the server's idea of its own address; only what follows the version is of use.
      next = typeof page.next === 'string' ? /\/v1\/.*$/.exec(page.next)?.[0] : undefined;
    }
    return rows;
  }

  async call(method: string, path: string, body?: Row): Promise<Row> {
    const { url } = this.#connection;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = await this.#headers({ method, url: new URL(`${url}${path}`), headers: HEADERS, body: text });
    let answer: Response;
    let said: string;
    try {
      answer = await fetch(`${url}${path}`, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(text === undefined ? {} : { body: text }),
      });
      said = await answer.text();
    } catch (error) {
      throw new Refusal(
        `${url} does not answer: ${whyOf(error)}`,
        EXIT.unreachable,
        'Is it running (`npm start`)? Say where it is with --url or NODELESS_URL.',
      );
    }
    const document = parsed(said);
    if (answer.ok && said === '') return {};
    if (answer.ok && isRow(document)) return document;
    if (answer.ok) throw this.#stranger('its answer is not JSON');
    throw this.#refused(answer.status, document, path);
  }

  async #headers(request: Outgoing): Promise<Record<string, string>> {
    const { user, password, sign } = this.#connection;
    if (sign !== undefined) return sign(request);
    if (user === undefined) return request.headers;
    const basic = Buffer.from(`${user}:${password ?? ''}`).toString('base64');
    return { ...request.headers, authorization: `Basic ${basic}` };
  }

  #stranger(what: string): Refusal {
    const { url } = this.#connection;
    return new Refusal(
      `${url} answers, but not as Nodeless does: ${what}`,
      EXIT.unreachable,
      'Check --url: it is the operator API, without /v1.',
    );
  }

  #refused(status: number, document: Json | undefined, path: string): Refusal {
    const message = messageOf(document);
    if (message === undefined) return this.#stranger(`status ${status}`);
    if (isDenied(status, message)) {
      const next = nextAfterDenied(this.#connection.sign !== undefined, status, message);
      return new Refusal(message, EXIT.denied, next);
    }
    switch (status) {
      case 404:
        return new Refusal(message, EXIT.refused, whereToLook(path));
      case 409:
        return new Refusal(message, EXIT.refused, `Look again before you repeat it: ${whereToLook(path)}`);
      case 503:
        return new Refusal(message, EXIT.refused, 'It could not look at this moment: try again.');
      default:
        return new Refusal(message, EXIT.refused);
    }
  }
}

function whereToLook(path: string): string {
  if (path.includes('/inbox')) {
    return '`npx nodeless inbox` lists the machines that wait, `inbox state=approved` and `state=rejected` the others.';
  }
  if (path.includes('/join_tokens')) return '`npx nodeless join-token list` lists the tokens.';
  if (path.includes('/policies')) return '`npx nodeless policies list` lists the policies.';
  return '`npx nodeless nodes` lists the nodes, `npx nodeless inbox` the machines that wait.';
}

/** Ironic's errors: an object, or an object in a string (operator-api.md §3.1); our own of authentication; the gateway's. */
function messageOf(document: Json | undefined): string | undefined {
  if (!isRow(document)) return undefined;
  const { error_message: wrapped, error } = document;
  const inner = typeof wrapped === 'string' ? parsed(wrapped) : wrapped;
  const found = isRow(inner) ? (inner.faultstring ?? inner.description) : isRow(error) ? error.message : undefined;
  const text = found ?? document.faultstring ?? document.message ?? document.Message;
  return typeof text === 'string' ? text : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function isRow(value: Json | undefined): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `fetch` says "fetch failed"; its cause says why. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  return cause instanceof Error ? ('code' in cause && String(cause.code)) || cause.message : error.message;
}
