import { createHash } from 'node:crypto';
import type { BmcReply, Reach } from '../../run/exchange-port.ts';
import { type Answer, BmcFault, type Call, faultOf, objectOf } from './dialogue.ts';
import type { RedfishSettings } from './settings.ts';

interface Given {
  settings: RedfishSettings;
  password: string;
  reach: Pick<Reach, 'bmc'>;
  /** Digest of a BMC's address, name and password → token of its session. */
  tokens: Map<string, string>;
  /** What the exchanges belong to; see `BmcExchange.key`. */
  question?: string;
}

const SESSIONS = '/redfish/v1/SessionService/Sessions';
const UNAUTHORIZED = 401;
type Failure = Extract<BmcReply, { kind: 'failed' }>;

/** What to do about it, for the person who reads `last_error`. */
const ADVICE: Partial<Record<Failure['because'], string>> = {
  certificate:
    'give its certificate, or that of its authority, as PEM in driver_info/redfish_verify_ca, or false to trust any',
  'not-json': 'check that redfish_address is a BMC with Redfish switched on, and not a web page before it',
  redirect: 'give the address that it redirects to as redfish_address',
  'refused-address': 'give another redfish_address',
};
/** Nothing changes by itself. */
const LASTING: ReadonlySet<Failure['because']> = new Set(['certificate', 'redirect', 'refused-address', 'too-large']);

/** Adds address and credentials to the calls of one dialogue. A session that the BMC has forgotten is begun anew, once. */
export class RedfishSession {
  readonly #given: Given;
  readonly #account: string;
  #exchanges = 0;

  constructor(given: Given) {
    this.#given = given;
    const { origin, username } = given.settings;
    // With the password: whoever names another node's BMC without knowing it gets none of its sessions.
    this.#account = createHash('sha256')
      .update(JSON.stringify([origin, username, given.password]))
      .digest('base64url');
  }

  async send(call: Call, timeoutSeconds: number): Promise<Answer> {
    const { settings, tokens } = this.#given;
    if (settings.username === null) return this.#exchange(call, {}, timeoutSeconds);
    const known = tokens.get(this.#account);
    const basic = settings.authType !== 'session' && known === undefined;
    const first = await this.#exchange(
      call,
      basic ? this.#basic(settings.username) : { 'x-auth-token': known ?? (await this.#logIn(timeoutSeconds)) },
      timeoutSeconds,
    );
    if (first.status !== UNAUTHORIZED || settings.authType === 'basic') return first;
    tokens.delete(this.#account);
    const token = await this.#logIn(timeoutSeconds).catch((error: unknown) => {
      // A BMC without sessions that refuses basic refuses the account: its first answer says so.
      if (basic && error instanceof BmcFault && error.kind === 'refused') return undefined;
      throw error;
    });
    return token === undefined ? first : this.#exchange(call, { 'x-auth-token': token }, timeoutSeconds);
  }

  #basic(username: string): Record<string, string> {
    const credentials = Buffer.from(`${username}:${this.#given.password}`, 'utf8').toString('base64');
    return { authorization: `Basic ${credentials}` };
  }

  async #logIn(timeoutSeconds: number): Promise<string> {
    const { settings, password, tokens } = this.#given;
    const body = { UserName: settings.username ?? '', Password: password };
    const call: Call = { method: 'POST', path: SESSIONS, body };
    const reply = await this.#reply(call, {}, timeoutSeconds);
    const { token } = reply.headers;
    if (reply.status >= 200 && reply.status < 300 && token !== undefined) {
      tokens.set(this.#account, token);
      return token;
    }
    if (reply.status < 300) throw new BmcFault('refused', 'it began a session without a token', reply.status);
    throw faultOf(call, { status: reply.status, body: objectOf(reply.body) });
  }

  async #exchange(call: Call, credentials: Record<string, string>, timeoutSeconds: number): Promise<Answer> {
    const { status, headers, body } = await this.#reply(call, credentials, timeoutSeconds);
    return {
      status,
      body: objectOf(body),
      ...(headers.etag && { etag: headers.etag }),
      ...(headers.location && { location: headers.location }),
    };
  }

  async #reply(call: Call, credentials: Record<string, string>, timeoutSeconds: number) {
    const { settings, reach, question } = this.#given;
    this.#exchanges += 1;
    const reply = await reach.bmc({
      method: call.method,
      url: `${settings.origin}${call.path}`,
      headers: { ...credentials, ...(call.etag === undefined ? {} : { 'if-match': call.etag }) },
      ...(call.body === undefined ? {} : { body: call.body }),
      trust: settings.trust,
      timeoutSeconds,
      ...(question !== undefined && { key: `${question}/${this.#exchanges}` }),
    });
    if (reply.kind === 'answered') return reply;
    if (reply.kind === 'pending') throw new BmcFault('pending', 'the reply is on its way');
    const advice = ADVICE[reply.because];
    const message = advice === undefined ? reply.message : `${reply.message}; ${advice}`;
    throw new BmcFault(LASTING.has(reply.because) ? 'refused' : 'again', message);
  }
}
