import { type EvidenceKind, rowOf } from './kinds.ts';

/** Values that say nothing, by kind or for any kind; `*` stands for any text. Lower-case, as values are compared. */
export type IgnoredValues = Partial<Record<EvidenceKind | 'any', readonly string[]>>;

/** What firmware shows when nobody filled it in, and hardware that is the same in every machine. */
export const IGNORED_VALUES: IgnoredValues = {
  any: [
    'na',
    'n/a',
    'n/a.',
    'n.a',
    'n.a.',
    'none',
    'null',
    'nil',
    'unknown',
    'unspecified',
    'undefined',
    '<bad index>',
    '<out of spec>',
    'default',
    'default string',
    'not *',
    'no asset *',
    'to be filled by o.e.m*',
    'to be filled by oem*',
    'o.e.m*',
    'oem*string',
    'oem',
    'to be filled',
    'tbd',
    'system serial number',
    'chassis serial number',
    'base board serial number',
    'board serial number',
    'serial number',
    'serialnumber',
    'serial',
    'system manufacturer',
    'asset-1234567890',
    'asset tag*',
    'sample',
    'empty',
    'invalid',
    'standard',
    'type2 - board serial number',
    '0123456789*',
    '1234',
    '12345',
    '123456',
    '1234567',
    '12345678',
    '123456789',
    '1234567890',
    'abcdefg',
    'deadbeef*',
    'x',
    'xx*xx',
    '.*....*',
    'fefefe*',
    'ffffffff*',
    'qm0000*',
  ],
  system_uuid: [
    // AMI's, Intel's and ASRock's defaults, found on thousands of machines.
    '03000200-0400-0500-0006-000700080009',
    '00020003-0004-0005-0006-000700080009',
    '12345678-1234-5678-90ab-cddeefaabbcc',
    '12345678-1234-*',
    '01010101-0101-0101-0101-010101010101',
    'feffffff-ffff-*',
  ],
  // Docker bridges, VRRP, the BMC's USB network card (one MAC for all of a vendor). Locally administered MACs are not
  // ignored in general: every virtual machine has one.
  mac: ['02:42:*', '00:00:5e:00:*', 'be:3a:f2:b6:05:9f', '00:11:22:33:44:55', '12:34:56:78:9a:bc'],
  bmc_address: ['0.0.0.0', '::', '::/0', '127.*', '169.254.*', 'fe80:*'],
};

/** Zeros and signs only, also as a hexadecimal number; or one character over and over, whatever stands between. */
const IDLE = /^(?:0x)?(?:[^1-9a-z\u0080-\uffff]*|([1-9a-z])[\s.:_-]*(?:\1[\s.:_-]*){3,})$/;

/** Why a normalised value says nothing, or undefined when it may speak. */
export function ignoredBecause(kind: EvidenceKind, value: string, more: IgnoredValues = NOTHING): string | undefined {
  const idle = IDLE.exec(value);
  if (idle && idle[1] === undefined) return 'it is empty or all zeros';
  // An address of four equal parts is one.
  if (idle && rowOf(kind).shape !== 'address') return 'it is one character over and over';
  if (isListed(IGNORED_VALUES, kind, value)) return 'it is a placeholder that many machines show';
  return isListed(more, kind, value) ? 'matching.ignoredValues lists it' : undefined;
}

const NOTHING: IgnoredValues = {};

/** A list as it is asked: whole values in a set, patterns by the texts between their stars. */
interface Compiled {
  whole: ReadonlySet<string>;
  patterns: readonly (readonly string[])[];
}
const compiled = new WeakMap<IgnoredValues, Map<EvidenceKind, Compiled>>();

function isListed(values: IgnoredValues, kind: EvidenceKind, value: string): boolean {
  const lists = compiled.get(values) ?? new Map<EvidenceKind, Compiled>();
  compiled.set(values, lists);
  const list = lists.get(kind) ?? compile([...(values[kind] ?? []), ...(values.any ?? [])]);
  lists.set(kind, list);
  return list.whole.has(value) || list.patterns.some((parts) => fitsParts(parts, value));
}

function compile(globs: readonly string[]): Compiled {
  const all = globs.map((glob) => glob.toLowerCase());
  return {
    whole: new Set(all.filter((glob) => !glob.includes('*'))),
    patterns: all.filter((glob) => glob.includes('*')).map((glob) => glob.split('*')),
  };
}

export const fits = (glob: string, value: string): boolean => fitsParts(glob.split('*'), value);

/** Without regular expressions: a pattern of an operator must not cost more than its length times the value's. */
function fitsParts(parts: readonly string[], value: string): boolean {
  const last = parts.length - 1;
  const [head = ''] = parts;
  const tail = parts[last] ?? '';
  if (last === 0) return head === value;
  if (!value.startsWith(head) || !value.endsWith(tail) || value.length < head.length + tail.length) return false;
  let from = head.length;
  const end = value.length - tail.length;
  for (let at = 1; at < last; at += 1) {
    const part = parts[at] ?? '';
    const found = value.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
