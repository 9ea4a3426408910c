import { createHmac, timingSafeEqual } from 'node:crypto';

export const SIGNATURE_HEADER = 'x-nodeless-signature';
/** What is older, or from a future that our clocks cannot explain, is a replay. */
export const REPLAY_WINDOW_SECONDS = 300;

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. */
export function sign(secret: string, unixSeconds: number, body: string): string {
  return `t=${unixSeconds},v1=${mac(secret, unixSeconds, body)}`;
}

/** What a webhook does with the header before it reads the body as JSON: `body` is the bytes as they came. */
export function isSigned(secret: string, header: string | undefined, body: string, nowSeconds: number): boolean {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '');
  const time = Number(parts?.[1]);
  if (!parts || Math.abs(nowSeconds - time) > REPLAY_WINDOW_SECONDS) return false;
  return timingSafeEqual(Buffer.from(parts[2] ?? ''), Buffer.from(mac(secret, time, body)));
}

const mac = (secret: string, unixSeconds: number, body: string): string =>
  createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex');
