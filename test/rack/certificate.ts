import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export interface Certificate {
  readonly pem: string;
  readonly key: string;
}

const HOUR = 3_600_000;
const DAYS = 30;

/** The certificate a stock agent makes at start: self-signed P-384, one critical SAN with its address. */
export async function makeCertificate(hostname: string, address: string): Promise<Certificate> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign', 'verify']);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${hostname}`,
    notBefore: new Date(now - HOUR),
    notAfter: new Date(now + DAYS * 24 * HOUR),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-512' },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }], true)],
  });
  const raw = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const lines =
    Buffer.from(raw)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const key = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { pem: `${certificate.toString('pem').trim()}\n`, key };
}
