import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  readonly pem: string;
  readonly key: string;
}

/** Another clock than ours, and the key of another certificate. */
interface Given {
  readonly now?: number;
  readonly key?: string;
}

const HOUR = 3_600_000;
const DAYS = 30;
const ECDSA_SHA512 = Buffer.from('06082a8648ce3d040304', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');
const CRITICAL = Buffer.from('0101ff', 'hex');
const VERSION_3 = Buffer.from('a003020102', 'hex');

/** One element of DER; the whole format is this and the tags below. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: Buffer[]) => der(0x30, ...parts);
const octets = (content: Buffer) => der(0x04, content);

function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replace(/\D/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

/**
 * The certificate a stock agent makes at start: self-signed P-384, one critical SAN with its address, nothing else.
 * Written out here, because certificate libraries want a polyfill of decorators for these few bytes.
 */
export function makeCertificate(hostname: string, address: string, given: Given = {}): Certificate {
  const { now = Date.now() } = given;
  const privateKey = given.key
    ? createPrivateKey(given.key)
    : generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const publicKey = createPublicKey(privateKey);
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40); // Positive, and no leading zero
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(hostname)))));
  const ip = der(0x87, Buffer.from(address.split('.').map(Number)));
  const extension = sequence(SUBJECT_ALT_NAME, CRITICAL, octets(sequence(ip)));
  const algorithm = sequence(ECDSA_SHA512);
  const content = sequence(
    VERSION_3,
    der(0x02, serial),
    algorithm,
    name,
    sequence(utcTime(now - HOUR), utcTime(now + DAYS * 24 * HOUR)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = sign('sha512', content, privateKey);
  const whole = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return {
    pem: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
