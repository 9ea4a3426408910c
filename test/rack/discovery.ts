import { isObject } from './types.ts';
import { parsed, type Wire } from './wire.ts';

const FALLBACK = 31;
const LOOKUP_MOST = 62;
const BEAT_MOST = 68;

/** Version discovery: `GET /` is asked until it once gave a version, then never again. */
export class Discovery {
  readonly #wire: Wire;
  readonly #apiUrl: string;
  #minor: number | undefined;

  constructor(wire: Wire, apiUrl: string) {
    this.#wire = wire;
    this.#apiUrl = apiUrl;
  }

  /** The status is not looked at; one failure makes this one call go out as 1.31. */
  async minor(): Promise<number> {
    if (this.#minor !== undefined) return this.#minor;
    try {
      const body = parsed(await this.#wire.call('GET', `${this.#apiUrl}/`));
      const version = isObject(body) && isObject(body.default_version) ? body.default_version.version : undefined;
      const match = typeof version === 'string' ? /^1\.(\d+)$/.exec(version) : null;
      if (match) this.#minor = Number(match[1]);
    } catch {
      // As with an answer that does not parse
    }
    return this.#minor ?? FALLBACK;
  }

  async forLookup(): Promise<string> {
    return `1.${Math.min(await this.minor(), LOOKUP_MOST)}`;
  }

  async forBeat(): Promise<number> {
    return Math.min(await this.minor(), BEAT_MOST);
  }
}
