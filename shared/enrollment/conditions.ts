import { BlockList, isIP, isIPv6 } from 'node:net';
import { type Evidence, macsOf, oneSpelled } from '../identity/evidence.ts';
import { fits } from '../identity/ignored-values.ts';
import type { Conditions } from './policy.ts';

/** Who asks: the address that the gateway saw, and the join token, once it was found good. */
export interface Caller {
  address?: string | undefined;
  /** Name, or uuid where it has none, of a valid join token. */
  token?: string | undefined;
}

/** `unknown`: only an inventory can tell, and there was none yet. */
export type Judgement = { verdict: 'holds' } | { verdict: 'fails' | 'unknown'; why: string };

type Range = { min?: number | undefined; max?: number | undefined };
type Globs = string | readonly string[];

/** Did it come with an inventory, or by a lookup that shows MACs only? */
export const isInspected = ({ items, profile }: Evidence): boolean =>
  Object.keys(profile).length > 0 || items.some(({ source }) => source !== 'query');

const listOf = (globs: Globs): readonly string[] => (typeof globs === 'string' ? [globs] : globs);
export const fitsAny = (globs: Globs, text: string): boolean =>
  listOf(globs).some((glob) => fits(glob.toLowerCase(), text.toLowerCase()));

/** What of the conditions does not hold; a failure that is known counts more than one that is not. */
export function judge(conditions: Conditions, evidence: Evidence, caller: Caller): Judgement {
  const judged = judgements(conditions, evidence, caller);
  return (
    judged.find(({ verdict }) => verdict === 'fails') ??
    judged.find(({ verdict }) => verdict === 'unknown') ?? { verdict: 'holds' }
  );
}

function judgements(conditions: Conditions, evidence: Evidence, caller: Caller): Judgement[] {
  const { vendor, model, serial, cpu_arch, cpus, memory_mb, local_gb, mac_prefix, network, join_token } = conditions;
  const inspected = isInspected(evidence);
  const shown = (label: string, value: unknown, good: (value: unknown) => boolean): Judgement => {
    if (value === undefined) {
      return inspected
        ? { verdict: 'fails', why: `it shows no ${label}` }
        : { verdict: 'unknown', why: `its ${label} is only known after an inspection` };
    }
    return good(value) ? { verdict: 'holds' } : { verdict: 'fails', why: `its ${label} is ${value}` };
  };
  const { profile } = evidence;
  const text = (label: string, value: unknown, globs: Globs | undefined) =>
    globs === undefined ? [] : [shown(label, value, (one) => fitsAny(globs, String(one)))];
  const number = (label: string, value: unknown, range: Range | undefined) =>
    range === undefined ? [] : [shown(label, value, (one) => inRange(Number(one), range))];
  return [
    ...text('vendor', profile['vendor'], vendor),
    ...text('model', profile['model'], model),
    ...text('serial number', oneSpelled(evidence, 'system_serial'), serial),
    ...text('architecture', profile['cpu_arch'], cpu_arch),
    ...number('number of CPUs', profile['cpus'], cpus),
    ...number('memory in MiB', profile['memory_mb'], memory_mb),
    ...number('disk in GB', profile['local_gb'], local_gb),
    ...(mac_prefix === undefined ? [] : [prefixed(macsOf(evidence), mac_prefix)]),
    ...(network === undefined ? [] : [within(caller.address, network)]),
    ...(join_token === undefined ? [] : [tokened(caller.token, join_token)]),
  ];
}

const inRange = (value: number, { min = 0, max = Number.POSITIVE_INFINITY }: Range): boolean =>
  value >= min && value <= max;

function prefixed(macs: readonly string[], prefixes: Globs): Judgement {
  const wanted = listOf(prefixes).map((prefix) => `${prefix.toLowerCase().replaceAll('-', ':').replace(/\*$/, '')}*`);
  const found = macs.some((mac) => wanted.some((glob) => fits(glob, mac)));
  return found ? { verdict: 'holds' } : { verdict: 'fails', why: `none of its MACs begins with ${listOf(prefixes)}` };
}

function within(address: string | undefined, networks: readonly string[]): Judgement {
  const list = new BlockList();
  for (const cidr of networks) {
    const [net = '', prefix = ''] = cidr.split('/');
    list.addSubnet(net, Number(prefix), isIPv6(net) ? 'ipv6' : 'ipv4');
  }
  const source = (address ?? '').replace(/^::ffff:/, '');
  const inside = isIP(source) !== 0 && list.check(source, isIPv6(source) ? 'ipv6' : 'ipv4');
  return inside ? { verdict: 'holds' } : { verdict: 'fails', why: `it asks from ${source || 'an unknown address'}` };
}

function tokened(token: string | undefined, wanted: boolean | Globs): Judgement {
  if (token === undefined) {
    return wanted === false ? { verdict: 'holds' } : { verdict: 'fails', why: 'it has no join token' };
  }
  const good = typeof wanted === 'boolean' ? wanted : fitsAny(wanted, token);
  return good ? { verdict: 'holds' } : { verdict: 'fails', why: `its join token is ${token}` };
}
