import type { JsonObject, JsonValue } from '../../json.ts';

/** One request of the protocol; address and credentials are added by whoever carries it out. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Absolute path. */
  path: string;
  body?: JsonObject;
  etag?: string;
}

/** Any HTTP answer that was JSON, or a refusal. */
export interface Answer {
  status: number;
  body: JsonObject;
  etag?: string;
  location?: string;
}

/**
 * A piece of the protocol: pure steps from answers to the next call, and at last to a result. The same answers always
 * give the same calls, so that it can be taken up again by asking from the start.
 */
export type Dialogue<T> = Generator<Call, T, Answer>;

/** Why a dialogue could not go on. `message` is for an operator and holds no secret. */
export class BmcFault extends Error {
  /** `again`: it may work later. `refused`: somebody has to change something. `pending`: a reply is on its way. */
  readonly kind: 'again' | 'refused' | 'pending' | 'unsupported';
  readonly status: number;
  constructor(kind: BmcFault['kind'], message: string, status = 0) {
    super(message);
    this.kind = kind;
    this.status = status;
  }
}

/** Asks, and takes a success only. */
export function* ask(call: Call): Dialogue<Answer> {
  const answer = yield call;
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw faultOf(call, answer);
}

export function* get(path: string): Dialogue<Answer> {
  return yield* ask({ method: 'GET', path });
}

/** Busy, starting or broken inside: these pass. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export function faultOf(call: Call, { status, body }: Answer): BmcFault {
  const said = extendedMessage(body);
  const what = `${call.method} ${call.path} answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 401 || status === 403) {
    const why = status === 401 ? 'it does not accept redfish_username and redfish_password' : 'the account may not';
    return new BmcFault('refused', `${why} (${what})`, status);
  }
  return new BmcFault(PASSING.has(status) ? 'again' : 'refused', what, status);
}

/** `error.@Message.ExtendedInfo[].Message`, else `error.message` (DSP0266 §8.6). */
function extendedMessage(body: JsonObject): string {
  const error = objectOf(body.error);
  const infos = listOf(error['@Message.ExtendedInfo']).map((one) => objectOf(one).Message);
  const texts = infos.filter((text): text is string => typeof text === 'string' && text !== '');
  return (texts.length > 0 ? texts.join(' ') : String(error.message ?? '')).slice(0, 300);
}

export function objectOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

export function listOf(value: JsonValue | undefined): JsonValue[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** `@odata.id` of a link, if it is a path at this BMC: a link elsewhere is none. */
export function linkOf(value: JsonValue | undefined): string | null {
  const id = textOf(objectOf(value)['@odata.id']);
  return id !== null && /^\/[^/\\]/.test(id) && !/\s|#/.test(id) ? id : null;
}

export function linksOf(collection: JsonValue | undefined): string[] {
  return listOf(collection).flatMap((one) => linkOf(one) ?? []);
}
