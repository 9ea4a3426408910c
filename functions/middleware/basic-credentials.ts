import { InvalidInput, NotAuthenticated } from '../../shared/errors.ts';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** HTTP basic as Ironic reads it (operator-api.md §7.2): no header is 401, one that cannot be read is 400. */
export function basicCredentials(header: string | undefined): { name: string; password: string } {
  if (header === undefined || header === '') throw new NotAuthenticated('Authorization required');
  const [scheme = '', encoded = ''] = header.trim().split(/ +/);
  if (scheme.toLowerCase() !== 'basic') throw new InvalidInput('Unsupported authorization type: Basic is expected');
  if (encoded === '' || !BASE64.test(encoded)) throw new InvalidInput('Could not decode the authorization token');
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon === -1) throw new InvalidInput('Could not decode the authorization token');
  return { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
