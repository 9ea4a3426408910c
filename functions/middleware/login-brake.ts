import { isIPv6 } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { NotAuthenticated, TooManyRequests } from '../../shared/errors.ts';
import type { ServeOptions } from '../api.ts';

type Authenticate = NonNullable<ServeOptions['authenticate']>;
interface Source {
  until: number;
  wrong: number;
  last: Promise<unknown>;
}

/** Wrong passwords of one source a minute, in each process. A person mistypes less, and whoever guesses gets nowhere. */
const MOST_WRONG = 20;
const WINDOW_MS = 60_000;
/** Who has so many addresses is stopped by the gateway's throttle, not by a larger table. */
const MOST_SOURCES = 10_000;

/**
 * A brake on guessing, by source address and never by name: nobody can lock an operator out from elsewhere, and no answer
 * tells whether a name exists. Passwords of one source are tried one after the other, so that many at once are counted too.
 * Throws TooManyRequests before it looks at a password.
 */
export function braked(authenticate: Authenticate, clock: Clock, mostWrong = MOST_WRONG): Authenticate {
  const sources = new Map<string, Source>();

  const sourceAt = (address: string): Source => {
    const key = networkOf(address);
    const known = sources.get(key);
    if (known && known.until > clock.now()) return known;
    sources.delete(key);
    const [oldest] = sources.keys();
    if (sources.size >= MOST_SOURCES && oldest !== undefined) sources.delete(oldest);
    const fresh = { until: clock.now() + WINDOW_MS, wrong: 0, last: Promise.resolve() };
    sources.set(key, fresh);
    return fresh;
  };

  const attempt = async (request: Parameters<Authenticate>[0], source: Source) => {
    if (source.wrong >= mostWrong) {
      const seconds = Math.max(1, Math.ceil((source.until - clock.now()) / 1000));
      throw new TooManyRequests('Too many wrong passwords came from this address; try again later', seconds);
    }
    try {
      return await authenticate(request);
    } catch (error) {
      if (error instanceof NotAuthenticated) source.wrong += 1;
      throw error;
    }
  };

  return (request) => {
    if (request.headers['authorization'] === undefined) return authenticate(request);
    const source = sourceAt(request.sourceIp);
    const turn = source.last.then(() => attempt(request, source));
    source.last = turn.catch(() => undefined);
    return turn;
  };
}

/** Whoever has one address of IPv6 has the /64 around it. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right]
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16))
    .join(':');
}
