import { isIP } from 'node:net';

/** Names that no public site can have (RFC 6761, 6762, 8375; ICANN's `internal`, as in `host.docker.internal`). */
const PRIVATE = /(^[^.]+|\.(localhost|local|internal|test|home\.arpa))$/;

/**
 * Whether a Host header names us. Without authentication only this machine may call, and a browser on it can be made to: any
 * site may let its own name lead to 127.0.0.1. An address, or a name of no public site, is not one of those.
 */
export function ownNames(publicUrl: string | undefined): (host: string | undefined) => boolean {
  const given = URL.parse(publicUrl ?? '')?.hostname;
  return (host) => {
    const name = host === undefined ? 'localhost' : URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '');
    if (name === undefined) return false;
    return isIP(name.replace(/^\[|\]$/g, '')) !== 0 || PRIVATE.test(name) || name === given;
  };
}
