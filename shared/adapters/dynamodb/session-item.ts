import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Boot, Missing, Session } from '../../agent/session-store.ts';
import { bootPart, SESSION } from './keys.ts';
import { readable, shapeOf } from './shapes.ts';

export type Attributes = Record<string, AttributeValue>;

/** Names are short because every heartbeat pays for them. */
export const sessionKey = (node: string): Attributes => ({ node: { S: node }, part: { S: SESSION } });
export const num = (value: number): AttributeValue => ({ N: String(value) });

const DAYS_A_BOOT_IS_KEPT = 30;

export function sessionOf(stored: Attributes): Session {
  const item = readable('session', stored);
  const n = (name: string) => Number(item[name]?.N ?? 0);
  return {
    node: item.node?.S ?? '',
    generation: n('g'),
    beats: n('b'),
    lastBeatAt: n('t'),
    issuedAt: n('a'),
    intervalSeconds: n('i'),
    ...(item.h?.S !== undefined && { tokenHash: item.h.S }),
    ...(item.l?.BOOL && { tokenless: true }),
    ...(item.o?.S !== undefined && { handedOver: item.o.S }),
    ...(item.c?.S !== undefined && { bootFingerprint: item.c.S }),
    ...(item.w?.S !== undefined && { taskToken: item.w.S }),
    ...(item.r?.N !== undefined && { armedBy: Number(item.r.N) }),
    ...(item.m?.M && { missing: missingOf(item.m.M) }),
  };
}

export const missingItem = ({ beats, since, lookedAt, told }: Missing): AttributeValue => ({
  M: { b: num(beats), s: num(since), l: num(lookedAt), t: { BOOL: told } },
});

const missingOf = ({ b, s, l, t }: Attributes): Missing => ({
  beats: Number(b?.N),
  since: Number(s?.N),
  lookedAt: Number(l?.N),
  told: t?.BOOL === true,
});

export function bootItem(boot: Boot, fingerprint: string): Attributes {
  const expires = Math.ceil(boot.startedAt / 1000) + DAYS_A_BOOT_IS_KEPT * 86_400;
  return {
    node: { S: boot.node },
    part: { S: bootPart(boot.generation, fingerprint) },
    url: { S: boot.callbackUrl },
    started: num(boot.startedAt),
    expires: num(expires),
    v: num(shapeOf('boot')),
    ...(boot.certificate !== undefined && { pem: { S: boot.certificate } }),
    ...(boot.agentVersion !== undefined && { agent: { S: boot.agentVersion } }),
  };
}

export function bootOf(stored: Attributes, generation: number): Boot {
  const item = readable('boot', stored);
  return {
    node: item.node?.S ?? '',
    generation,
    callbackUrl: item.url?.S ?? '',
    startedAt: Number(item.started?.N ?? 0),
    ...(item.pem?.S !== undefined && { certificate: item.pem.S }),
    ...(item.agent?.S !== undefined && { agentVersion: item.agent.S }),
  };
}
