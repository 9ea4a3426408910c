import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** Code of the error when somebody else answers. */
export const OTHER_CERTIFICATE = 'OTHER_CERTIFICATE';

/**
 * A TLS connection to whoever holds this very certificate. The handshake proves the key; dates and names prove nothing more
 * than the bytes do: an agent makes its certificate with the clock that it has, for 30 days, and may stay for longer.
 * Nothing is sent before the bytes are compared.
 */
export function connectPinned(pem: string, { hostname, port }: URL, timeoutSeconds: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const pinned = new X509Certificate(pem).raw;
    const host = hostname.replace(/^\[|\]$/g, '');
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const socket = connect({
      host,
      port: Number(port || 443),
      servername: isIP(host) === 0 ? host : '',
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    });
    const giveUp = () => socket.destroy(Object.assign(new Error('too late'), { name: 'TimeoutError' }));
    signal.addEventListener('abort', giveUp);
    socket.once('close', () => signal.removeEventListener('abort', giveUp));
    // For as long as it lives: whoever is given it listens only a moment later.
    socket.on('error', reject);
    socket.once('secureConnect', () => {
      if (socket.getPeerX509Certificate()?.raw.equals(pinned)) resolve(socket);
      else socket.destroy(Object.assign(new Error(OTHER_CERTIFICATE), { code: OTHER_CERTIFICATE }));
    });
  });
}
