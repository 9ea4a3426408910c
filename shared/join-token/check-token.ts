import { timingSafeEqual } from 'node:crypto';
import { fitsAny, isInspected } from '../enrollment/conditions.ts';
import { type Evidence, oneSpelled } from '../identity/evidence.ts';
import type { ResourceStore } from '../resource/resource-store.ts';
import { hashOf, idOf, isToken, type JoinToken, nameOf, stateOf } from './join-token.ts';
import { isRange, isWithin, rangeOf } from './serial-range.ts';

/** What a presented token is worth for this machine. `wait`: its range can only be judged by an inventory. */
export type TokenCheck =
  | { verdict: 'none' }
  | { verdict: 'good'; uuid: string; name: string; policy: string | null }
  | { verdict: 'refused' | 'wait'; uuid: string | null; why: string };

const STATES = { expired: 'has expired', used_up: 'is used up', revoked: 'was revoked' } as const;

/** The row of a token, or undefined for one that is malformed or unknown. One read; throws Unavailable. */
export async function findToken(
  presented: string,
  resources: Pick<ResourceStore, 'get'>,
): Promise<JoinToken | undefined> {
  if (!isToken(presented)) return undefined;
  const row = await resources.get<JoinToken>('join_token', idOf(presented));
  const [stored, shown] = [Buffer.from(row?.hash ?? ''), Buffer.from(hashOf(presented))];
  return row && stored.length === shown.length && timingSafeEqual(stored, shown) ? row : undefined;
}

/** A range, or a text with stars. */
function allows(one: string, value: string): boolean {
  if (!isRange(one)) return fitsAny(one, value);
  const range = rangeOf(one);
  return typeof range !== 'string' && isWithin(range, value);
}

/** Pure. */
export function checkToken(token: JoinToken | undefined, evidence: Evidence, now: number): TokenCheck {
  if (token === undefined) return { verdict: 'refused', uuid: null, why: 'its join token is unknown' };
  const { uuid, policy } = token;
  const name = nameOf(token);
  const state = stateOf(token, now);
  if (state !== 'valid') return { verdict: 'refused', uuid, why: `join token ${name} ${STATES[state]}` };
  for (const [label, allowed, value] of [
    ['serial number', token.serials, oneSpelled(evidence, 'system_serial')],
    ['model', token.models, evidence.profile['model']],
  ] as const) {
    if (allowed.length === 0) continue;
    if (value === undefined && !isInspected(evidence)) {
      return { verdict: 'wait', uuid, why: `join token ${name} is for some ${label}s, known after an inspection` };
    }
    if (value === undefined || !allowed.some((one) => allows(one, String(value)))) {
      return {
        verdict: 'refused',
        uuid,
        why: `join token ${name} is not for the ${label} ${value ?? 'that is not shown'}`,
      };
    }
  }
  return { verdict: 'good', uuid, name, policy };
}
