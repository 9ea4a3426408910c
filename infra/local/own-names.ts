import { isIP } from 'node:net';

/**
 * Whether a Host header names us. Without authentication only this machine may call, and a browser on it can be made to: any
 * site may let its own name lead to 127.0.0.1. Nobody's site is an address, `localhost`, or a name without a dot.
 */
export function ownNames(publicUrl: string | undefined): (host: string | undefined) => boolean {
  const given = URL.parse(publicUrl ?? '')?.hostname;
  return (host) => {
    const name = host === undefined ? 'localhost' : URL.parse(`http://${host}`)?.hostname.replace(/\.$/, '');
    if (name === undefined) return false;
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return isAddress || !name.includes('.') || name.endsWith('.localhost') || name === given;
  };
}
